// The sandbox's own controls: order time, faults, persons. None of this exists at Telegram.

import { post, user } from "./api.js";
import { toast } from "./feedback.js";

const byId = (id) => document.getElementById(id);
const drawer = byId("drawer");
const note = byId("drawer-note");
let blocked = false;

export function show(chat) {
  blocked = chat.blocked;
  byId("block").textContent = blocked ? "Unblock the bot" : "Block the bot";
}

async function ask(path, body, done) {
  try {
    await post(path, body);
    note.textContent = done;
  } catch (error) {
    note.textContent = error.message;
  }
}

byId("open-drawer").addEventListener("click", () => {
  note.textContent = "";
  byId("person").value = user;
  drawer.showModal();
});
drawer.addEventListener("click", (event) => { if (event.target === drawer) drawer.close(); });

byId("advance").addEventListener("click", (event) => {
  const seconds = Number(event.target.dataset.seconds);
  if (seconds) ask("/sandbox/advance", { seconds }, `Order time moved ${event.target.textContent}.`);
});

byId("block").addEventListener("click", () =>
  ask("/sandbox/block", { blocked: !blocked }, blocked ? "The bot may write again." : "The bot is blocked."));
byId("redeliver").addEventListener("click", () => ask("/sandbox/redeliver", {}, "Unanswered taps were sent again."));

byId("switch").addEventListener("submit", (event) => {
  event.preventDefault();
  location.search = `?user=${encodeURIComponent(byId("person").value)}`;
});

// The sandbox's own controls: order time, faults, persons. None of this exists at Telegram.

import { get, post, user } from "./api.js";

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
  showFaults();
  drawer.showModal();
});
drawer.addEventListener("click", (event) => { if (event.target === drawer) drawer.close(); });

byId("advance").addEventListener("click", (event) => {
  const seconds = Number(event.target.dataset.seconds);
  if (seconds) ask("/sandbox/advance", { seconds }, `Order time moved ${event.target.textContent}.`);
});

// What can go wrong, in words; the values are the control API's kinds of faults.
const kinds = [
  ["", "works"],
  ["slow", "slow (3 s)"],
  ["error", "fails, nothing done"],
  ["error_after", "fails after doing it"],
  ["lost", "does it, answer lost"],
  ["drop", "breaks the connection"],
  ["malformed", "answers nonsense"],
  ["rate_limit", "says: slow down"],
];
const lies = [
  ["amount", "ten times the amount"],
  ["order", "another order"],
  ["transfer", "an extra transfer"],
  ["approve", "an approval for a thief"],
  ["set_authority", "a new owner of your account"],
  ["destination", "another destination"],
  ["fee_payer", "another fee payer"],
  ["priority_fee", "a huge priority fee"],
  ["price_bounds", "other price bounds"],
  ["nonce", "a transaction that never expires"],
  ["foreign_order", "somebody else's order in the list"],
  ["decimals", "wrong decimals"],
];
const targets = { telegram: "Telegram", jupiter: "Jupiter", rpc: "Solana RPC" };

const selects = Object.entries(targets).map(([target, name]) => {
  const label = document.createElement("label");
  const select = document.createElement("select");
  select.dataset.target = target;
  select.append(...kinds.map(([kind, words]) => new Option(words, kind)));
  if (target === "jupiter") select.append(...lies.map(([lie, words]) => new Option(`lies: ${words}`, `lie:${lie}`)));
  select.addEventListener("change", () => setFaults("Done. It stays so until you change it."));
  label.append(name, select);
  byId("faults").append(label);
  return select;
});

function setFaults(done) {
  const faults = selects
    .filter((select) => select.value)
    .map((select) => {
      const [kind, lie] = select.value.split(":");
      return { target: select.dataset.target, kind, ...(lie && { lie }), ...(kind === "slow" && { seconds: 3 }) };
    });
  return ask("/sandbox/faults", { faults }, done);
}

async function showFaults() {
  const { faults } = await get("/sandbox/faults").catch(() => ({ faults: [] }));
  for (const select of selects) {
    const fault = faults.find(({ target }) => target === select.dataset.target);
    select.value = !fault ? "" : fault.lie ? `lie:${fault.lie}` : fault.kind;
  }
}

byId("heal").addEventListener("click", () => {
  for (const select of selects) select.value = "";
  setFaults("Everything works again.");
});

byId("block").addEventListener("click", () =>
  ask("/sandbox/block", { blocked: !blocked }, blocked ? "The bot may write again." : "The bot is blocked."));
byId("redeliver").addEventListener("click", () => ask("/sandbox/redeliver", {}, "Unanswered taps were sent again."));

byId("switch").addEventListener("submit", (event) => {
  event.preventDefault();
  location.search = `?user=${encodeURIComponent(byId("person").value)}`;
});

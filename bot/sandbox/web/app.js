// Wires the page: one stream of changes in, the chat on the screen.

import { listen } from "./api.js";
import * as composer from "./composer.js";
import * as drawer from "./drawer.js";
import * as messages from "./messages.js";

const byId = (id) => document.getElementById(id);
let chat = null;

function refresh(connected = true) {
  const status = byId("status");
  status.classList.toggle("active", Boolean(connected && chat?.typing));
  status.textContent = !connected ? "connecting…" : chat?.typing ? "typing…" : "bot";
  if (!chat) return;
  const empty = messages.shown().length === 0;
  byId("bot-name").textContent = chat.bot.name;
  document.title = `${chat.bot.name} · sandbox`;
  byId("description").textContent = chat.bot.description || "Press START and find out. Everything here is play money.";
  byId("welcome").hidden = !empty;
  composer.show(chat, empty);
  drawer.show(chat);
}

listen(
  {
    snapshot(data) {
      messages.reset(data.messages);
      refresh();
    },
    message(message) {
      const before = messages.shown().some(({ id }) => id === message.id);
      messages.upsert(message);
      if (!before && message.force_reply && !message.deleted) composer.offerReply(message);
      refresh();
    },
    chat(data) {
      chat = data;
      refresh();
    },
  },
  refresh,
);

messages.onTextTap((command) => composer.send(command));

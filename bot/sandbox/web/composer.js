// Writing: the text field, the command menu, START, and replies that the bot asks for.

import { post } from "./api.js";
import { toast } from "./feedback.js";
import { scrollDown } from "./messages.js";

const byId = (id) => document.getElementById(id);
const text = byId("text");
const panel = byId("commands");
const menu = byId("menu");
const start = byId("start");
let commands = [];
let selected = -1;
let replyTo = null;
let blocked = false;

export async function send(words) {
  const body = replyTo ? { text: words, reply_to: replyTo } : { text: words };
  dropReply();
  try {
    await post("/sandbox/send", body);
    scrollDown();
    return true;
  } catch (error) {
    toast(error.message);
    return false;
  }
}

export function show(chat, empty) {
  blocked = chat.blocked;
  commands = chat.commands;
  start.textContent = blocked ? "RESTART" : "START";
  start.hidden = !(blocked || empty);
  byId("composer").hidden = !start.hidden;
  menu.hidden = commands.length === 0;
}

// The bot asked for a reply: offer it until the person writes something.
export function offerReply(message) {
  replyTo = message.id;
  byId("reply").hidden = false;
  byId("reply").querySelector(".reply-text").textContent = `Reply to: ${message.text}`;
  text.placeholder = message.force_reply.placeholder || "Reply";
  text.focus();
}

function dropReply() {
  replyTo = null;
  byId("reply").hidden = true;
  text.placeholder = "Message";
}

byId("reply-cancel").addEventListener("click", dropReply);

start.addEventListener("click", async () => {
  if (blocked) await post("/sandbox/block", { blocked: false }).catch((error) => toast(error.message));
  send("/start");
});

function open(filter = "") {
  const fitting = commands.filter(({ command }) => command.startsWith(filter));
  panel.replaceChildren(...fitting.map(({ command, description }, index) => {
    const item = document.createElement("li");
    item.role = "option";
    item.id = `command-${index}`;
    const name = document.createElement("b");
    name.textContent = `/${command}`;
    const words = document.createElement("span");
    words.textContent = description;
    item.append(name, words);
    item.addEventListener("click", () => { close(); text.value = ""; fit(); send(`/${command}`); });
    return item;
  }));
  panel.hidden = fitting.length === 0;
  menu.setAttribute("aria-expanded", String(!panel.hidden));
  select(-1);
}

function close() {
  panel.hidden = true;
  menu.setAttribute("aria-expanded", "false");
}

function select(index) {
  selected = index;
  [...panel.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
  panel.children[index]?.scrollIntoView({ block: "nearest" });
}

function fit() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 132)}px`;
  byId("send").disabled = !text.value.trim();
}

menu.addEventListener("click", () => (panel.hidden ? open() : close()));
document.addEventListener("click", (event) => { if (!event.target.closest(".foot")) close(); });

text.addEventListener("input", () => {
  fit();
  const typed = /^\/(\w*)$/.exec(text.value);
  if (typed) open(typed[1].toLowerCase());
  else close();
});

text.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return close();
  if (!panel.hidden && ["ArrowDown", "ArrowUp", "Tab"].includes(event.key)) {
    event.preventDefault();
    const step = event.key === "ArrowUp" ? -1 : 1;
    return select((selected + step + panel.children.length) % panel.children.length);
  }
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (!panel.hidden && selected >= 0) panel.children[selected].click();
  else byId("composer").requestSubmit();
});

byId("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (!words) return;
  close();
  text.value = "";
  fit();
  text.focus();
  if (!(await send(words)) && !text.value) {
    text.value = words;
    fit();
  }
});

// The transcript: one element per message, replaced when the message changes.
// `html` is the server's own rendering of entities, escaped there; everything else goes in as text.

import { post } from "./api.js";
import { alert, copy, toast } from "./feedback.js";
import { day, hourAndMinute, refresh } from "./times.js";

const list = document.getElementById("messages");
const log = document.getElementById("log");
const toBottom = document.getElementById("to-bottom");
const unread = document.getElementById("unread");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const known = new Map();
let unseen = 0;
let pinned = true; // the end of the chat stays in view while it grows

const element = (tag, className, text) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

const atBottom = () => log.scrollHeight - log.scrollTop - log.clientHeight < 60;

export function scrollDown(smooth = false) {
  pinned = true;
  log.scrollTo({ top: log.scrollHeight, behavior: smooth && !still.matches ? "smooth" : "instant" });
  countUnseen(0);
}

function countUnseen(count) {
  unseen = count;
  unread.textContent = count || "";
}

export const shown = () => [...known.values()].map((entry) => entry.message);

export function reset(messages) {
  const stay = new Set(messages.filter((message) => !message.deleted).map((message) => message.id));
  for (const [id, entry] of known) {
    if (!stay.has(id)) {
      entry.node.remove();
      known.delete(id);
    }
  }
  for (const message of messages) upsert(message, true);
  markDays();
  scrollDown();
}

export function upsert(message, quiet = false) {
  const old = known.get(message.id);
  if (message.deleted) {
    if (old) leave(message.id, old.node);
    return;
  }
  if (old && JSON.stringify(old.message) === JSON.stringify(message)) return;
  const follow = quiet || pinned || (!old && message.from === "user");
  const node = render(message);
  if (old) {
    node.classList.toggle("revealed", old.node.classList.contains("revealed"));
    node.style.animation = "none";
    old.node.replaceWith(node);
  } else {
    list.append(node);
  }
  known.set(message.id, { message, node });
  if (quiet) return;
  markDays();
  if (follow) scrollDown();
  else if (!old) countUnseen(unseen + 1);
}

function leave(id, node) {
  known.delete(id);
  node.style.maxHeight = `${node.offsetHeight}px`;
  node.classList.add("leaving");
  node.setAttribute("aria-hidden", "true");
  node.addEventListener("animationend", () => { node.remove(); markDays(); }, { once: true });
  setTimeout(() => node.remove(), 1000);
}

function markDays() {
  for (const mark of list.querySelectorAll(".day")) mark.remove();
  let last = "";
  for (const { message, node } of known.values()) {
    const name = day(message.date);
    if (name !== last) node.before(element("li", "day", name));
    last = name;
  }
}

function render(message) {
  const node = element("li", `message ${message.from}`);
  node.dataset.messageId = message.id;
  if (message.protected) node.classList.add("protected");
  const bubble = element("div", "bubble");
  if (message.reply_to) bubble.append(quote(message.reply_to));
  if (message.photo) {
    node.classList.add("with-photo");
    bubble.append(photo(message));
  }
  if (message.document) bubble.append(file(message.document));
  const meta = metaOf(message);
  if (message.text) {
    const text = element("div", "text");
    text.innerHTML = message.html;
    prepare(text);
    text.append(meta);
    bubble.append(text);
  } else {
    bubble.append(meta);
  }
  node.append(bubble);
  if (message.buttons.length) {
    node.classList.add("keyboard");
    node.append(keyboard(message));
  }
  return node;
}

function metaOf(message) {
  const meta = element("span", "meta");
  const mark = (text, title) => {
    const span = element("span", "", text);
    span.title = title;
    meta.append(span);
  };
  if (message.protected) mark("🔒", "Protected: cannot be forwarded or saved");
  if (message.silent) mark("🔕", "Sent without a sound");
  if (message.edited) mark("edited", "The text was changed after sending");
  const time = element("time", "", hourAndMinute(message.date));
  time.dateTime = new Date(message.date * 1000).toISOString();
  meta.append(time);
  return meta;
}

function prepare(text) {
  refresh(text);
  for (const block of text.querySelectorAll("blockquote, pre")) {
    // a block breaks the line by itself: the line breaks around it would make empty lines
    const [before, after] = [block.previousSibling, block.nextSibling];
    if (before?.nodeType === Node.TEXT_NODE) before.data = before.data.replace(/\n$/, "");
    if (after?.nodeType === Node.TEXT_NODE) after.data = after.data.replace(/^\n/, "");
  }
  for (const spoiler of text.querySelectorAll(".spoiler")) {
    Object.assign(spoiler, { tabIndex: 0, role: "button" });
    spoiler.setAttribute("aria-label", "Hidden text, tap to reveal");
  }
  for (const command of text.querySelectorAll("a.command")) {
    Object.assign(command, { tabIndex: 0, role: "button" });
  }
}

function quote(id) {
  const entry = known.get(id);
  const made = element("button", "quote", entry ? entry.message.text.slice(0, 120) : "Deleted message");
  made.type = "button";
  made.addEventListener("click", () => entry?.node.scrollIntoView({ block: "center", behavior: "smooth" }));
  return made;
}

function photo(message) {
  const image = element("img", message.text ? "photo" : "photo alone");
  Object.assign(image, { src: message.photo.url, alt: message.text || "Photo", width: message.photo.width, height: message.photo.height });
  return image;
}

function file(given) {
  const link = element("a", "document");
  link.href = given.url;
  link.download = given.name;
  const words = element("div");
  words.append(element("span", "", given.name), element("small", "", `${(given.size / 1024).toFixed(1)} kB`));
  link.append(element("b", "", "↓"), words);
  return link;
}

const meanings = { danger: "Careful: this is a destructive choice", success: "The confirming choice", primary: "The main choice" };

function keyboard(message) {
  const keys = element("div", "keys");
  for (const row of message.buttons) {
    const line = element("div");
    for (const button of row) line.append(key(message, button));
    keys.append(line);
  }
  return keys;
}

function key(message, button) {
  const made = element(button.url ? "a" : "button", `key ${button.style || ""}`, button.text);
  if (button.style) made.setAttribute("aria-description", meanings[button.style]);
  if (button.url) {
    made.classList.add("link");
    Object.assign(made, { href: button.url, target: "_blank", rel: "noopener noreferrer", title: button.url });
    return made;
  }
  made.type = "button";
  if (button.copy_text !== undefined) {
    made.classList.add("copy");
    made.title = "Copies text";
    made.addEventListener("click", () => copy(button.copy_text));
  } else {
    made.addEventListener("click", () => tap(message.id, button, made));
  }
  return made;
}

async function tap(messageId, button, made) {
  made.classList.add("busy");
  try {
    const answer = await post("/sandbox/tap", { message_id: messageId, label: button.text, data: button.data, wait: 15 });
    answer.toasts.forEach((text) => toast(text));
    answer.alerts.forEach((text) => alert(text));
    if (!answer.answered) toast("The bot did not answer this tap.");
  } catch (error) {
    toast(error.message);
  } finally {
    made.classList.remove("busy");
  }
}

// Taps inside texts: spoilers, code, quotes, commands.
export function onTextTap(sendCommand) {
  const act = (target) => {
    const spoiler = target.closest(".spoiler");
    const message = target.closest(".message");
    if (spoiler && !message.classList.contains("revealed")) return void message.classList.add("revealed");
    const code = target.closest(".text code");
    if (code) return void copy(code.textContent);
    const command = target.closest("a.command");
    if (command) return void sendCommand(command.dataset.command);
    target.closest("blockquote.expandable")?.classList.toggle("open");
  };
  list.addEventListener("click", (event) => { if (!event.target.closest(".key")) act(event.target); });
  list.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches('.text [role="button"]')) act(event.target);
  });
}

list.addEventListener("copy", (event) => {
  if (getSelection().anchorNode?.parentElement?.closest(".protected")) event.preventDefault();
});
log.addEventListener("scroll", () => {
  pinned = atBottom();
  toBottom.hidden = pinned;
  if (pinned) countUnseen(0);
}, { passive: true });
toBottom.addEventListener("click", () => scrollDown(true));
const sizes = new ResizeObserver(() => { if (pinned) scrollDown(); });
sizes.observe(log);
sizes.observe(list);
setInterval(() => refresh(list), 20000);

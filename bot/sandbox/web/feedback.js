// What the chat tells the person beside messages: toasts, alerts, "copied".

const toasts = document.getElementById("toasts");
const dialog = document.getElementById("alert");
const waiting = [];

export function toast(text, forMs = 3500) {
  const box = document.createElement("div");
  box.className = "toast";
  box.textContent = text;
  toasts.append(box);
  setTimeout(() => box.classList.add("gone"), forMs);
  setTimeout(() => box.remove(), forMs + 350);
}

export function alert(text) {
  waiting.push(text);
  if (!dialog.open) next();
}

function next() {
  if (!waiting.length) return;
  dialog.querySelector("p").textContent = waiting.shift();
  dialog.showModal();
}

dialog.addEventListener("close", next);

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  toast("Copied to clipboard");
}

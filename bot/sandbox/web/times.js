// Times as the reader's own clock and zone show them.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
const dayName = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

const steps = [[60, "second"], [60, "minute"], [24, "hour"], [7, "day"], [4.35, "week"], [12, "month"], [Infinity, "year"]];

export const hourAndMinute = (unix) => clock.format(unix * 1000);

export function day(unix) {
  const date = new Date(unix * 1000);
  const away = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86400000);
  return away === 0 ? "Today" : away === 1 ? "Yesterday" : dayName.format(date);
}

function fromNow(unix) {
  let value = unix - Date.now() / 1000;
  for (const [size, unit] of steps) {
    if (Math.abs(value) < size) return relative.format(Math.round(value), unit);
    value /= size;
  }
  return "";
}

// Telegram's date-time formats: "r", or w?[dD]?[tT]?; without one the text stays as it is.
function show(format, unix) {
  if (format === "r") return fromNow(unix);
  const options = { hour12: false };
  if (format.includes("w")) options.weekday = "short";
  if (format.includes("d")) Object.assign(options, { day: "numeric", month: "short" });
  if (format.includes("D")) Object.assign(options, { day: "numeric", month: "long", year: "numeric" });
  if (/[tT]/.test(format)) Object.assign(options, { hour: "2-digit", minute: "2-digit" });
  if (format.includes("T")) options.second = "2-digit";
  return new Intl.DateTimeFormat(undefined, options).format(unix * 1000);
}

export function refresh(root) {
  for (const time of root.querySelectorAll("time[data-unix]")) {
    const unix = Number(time.dataset.unix);
    if (time.dataset.format) time.textContent = show(time.dataset.format, unix);
    time.title = whole.format(unix * 1000);
  }
}

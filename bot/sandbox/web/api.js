// The control API of this sandbox, for the person that the page's address names (?user=N).

export const user = new URLSearchParams(location.search).get("user") || "1";

const withUser = (path) => `${path}?user=${encodeURIComponent(user)}`;

export async function post(path, body = {}) {
  const response = await fetch(withUser(path), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error || `The sandbox answered ${response.status}.`);
  return answer;
}

export async function get(path) {
  const response = await fetch(withUser(path));
  if (!response.ok) throw new Error(`The sandbox answered ${response.status}.`);
  return response.json();
}

// Live changes; reconnects by itself and starts over with a snapshot.
export function listen(handlers, onState) {
  let source;
  let retry;
  const open = () => {
    source = new EventSource(withUser("/sandbox/events"));
    source.onopen = () => onState(true);
    source.onerror = () => {
      onState(false);
      if (source.readyState !== EventSource.CLOSED) return;
      clearTimeout(retry);
      retry = setTimeout(open, 1500);
    };
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
    }
  };
  open();
  addEventListener("pagehide", () => source.close());
}

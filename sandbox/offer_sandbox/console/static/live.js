// Keeps the parts of the page that are marked `data-live` up to date, and reports a server that does not answer.

import { workspace } from "./api.js";

const RETRY_MS = 2000;
const SETTLE_MS = 150;
const LOOK_MS = 5000; // for changes that are no calls
const offline = document.getElementById("offline");
const pause = document.getElementById("pause");
const PAUSED = "paused";
let source, retry, pending;

const paused = () => pause.getAttribute("aria-pressed") === "true";

// Reads the page again and replaces its live parts. A part in which a person types is left alone, and while the page
// is paused also a list of calls.
export async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (String(answer.status) !== document.body.dataset.status) return location.reload();
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = fresh.title;
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    const kept = part.querySelector("[data-edited]") || (paused() && part.querySelector("table.calls"));
    if (next && !kept && next.innerHTML !== part.innerHTML) replace(part, next);
  }
}

function replace(part, next) {
  const rows = new Set([...part.querySelectorAll("tr[id]")].map(row => row.id));
  const focused = part.contains(document.activeElement) ? selector(document.activeElement) : "";
  const scrolled = [...part.querySelectorAll(".scroll")].map(each => each.scrollLeft);
  const open = [...part.querySelectorAll("details[id][open]")].map(each => each.id);
  part.replaceChildren(...document.adoptNode(next).childNodes);
  for (const row of part.querySelectorAll("tr[id^='call-']")) row.classList.toggle("arrived", !rows.has(row.id));
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  part.querySelectorAll(".scroll").forEach((each, place) => (each.scrollLeft = scrolled[place] ?? 0));
  if (focused) part.querySelector(focused)?.focus();
}

function selector(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const attribute = ["href", "data-send", "data-copy"].find(name => element.hasAttribute(name));
  const row = element.closest("tr[id]");
  const within = row ? `#${CSS.escape(row.id)} ` : "";
  return attribute ? `${within}[${attribute}="${CSS.escape(element.getAttribute(attribute))}"]` : "";
}

function changed() {
  if (paused()) return;
  clearTimeout(pending);
  pending = setTimeout(() => refresh().catch(lost), SETTLE_MS);
}

function connect() {
  clearTimeout(retry);
  source = new EventSource(`/__admin/requests/stream?workspace=${encodeURIComponent(workspace)}`);
  source.addEventListener("request", changed);
  source.onopen = () => {
    offline.hidden = true;
    changed(); // a call may have arrived after the page was made and before the stream began
  };
  source.onerror = lost;
}

// The stream has ended: the server has stopped, or it refuses another stream.
async function lost() {
  source?.close();
  clearTimeout(retry);
  if (document.hidden) return;
  try {
    await refresh();
    offline.hidden = true;
  } catch {
    offline.hidden = false;
  }
  retry = setTimeout(connect, RETRY_MS);
}

function setPause(now) {
  pause.setAttribute("aria-pressed", String(now));
  pause.textContent = now ? "Resume" : "Pause";
  sessionStorage.setItem(PAUSED, now ? "yes" : "");
  if (!now) changed();
}

// A browser opens few connections to a host, so a hidden page gives its own back.
function follow() {
  if (document.hidden) source?.close();
  else connect();
}

export function start() {
  pause.addEventListener("click", () => setPause(!paused()));
  if (sessionStorage.getItem(PAUSED)) setPause(true);
  setInterval(() => document.hidden || changed(), LOOK_MS);
  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", event => event.persisted && follow());
  if (!document.hidden) connect();
}

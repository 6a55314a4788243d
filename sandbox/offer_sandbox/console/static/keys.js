// The keys of the console. A key does nothing while a person types in a field.

import { undoLast } from "./actions.js";

const SECTIONS = { o: "", c: "calls", u: "outcomes", r: "records", t: "clock", s: "scenarios", w: "webhooks", e: "settings", v: "coverage", p: "presenter", i: "identify" };
const WAIT_MS = 1500;
const help = document.getElementById("help");
let going = 0;

// Returns whether a key is meant for something else: a field, the browser, or the list of keys.
export function isTaken(event) {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  return typing || event.ctrlKey || event.metaKey || event.altKey || help.open;
}

function go(key) {
  const workspace = encodeURIComponent(document.body.dataset.workspace);
  location.assign(`/__admin/ui/${SECTIONS[key]}?workspace=${workspace}`);
}

function move(by) {
  const rows = [...document.querySelectorAll("a.row")];
  const present = rows.indexOf(document.activeElement);
  rows[Math.min(rows.length - 1, Math.max(0, present + by))]?.focus();
}

const KEYS = {
  "?": () => help.showModal(),
  "/": () => document.getElementById("search")?.focus(),
  j: () => move(1),
  k: () => move(-1),
  p: () => document.getElementById("pause").click(),
  z: undoLast,
  g: () => (going = Date.now()),
};

export function start() {
  document.getElementById("keys").addEventListener("click", KEYS["?"]);
  document.addEventListener("keydown", event => {
    if (isTaken(event)) return;
    const action = Date.now() - going < WAIT_MS && event.key in SECTIONS ? () => go(event.key) : KEYS[event.key];
    if (event.key !== "g") going = 0;
    if (!action) return;
    event.preventDefault();
    action();
  });
}

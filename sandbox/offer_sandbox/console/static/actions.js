// Carries out what buttons and forms declare: `data-send` is a control call, `data-copy` a text for the clipboard.

import { Refused, call, show, showError, showSecret } from "./api.js";
import { refresh } from "./live.js";
import { forget, keep, remember, undo } from "./undo.js";

// Sends the call of a button or form, shows its result, and opens the next page or updates this one.
async function act(element) {
  const buttons = element.matches("button") ? [element] : [...element.querySelectorAll("button")];
  for (const each of buttons) each.disabled = true;
  try {
    const kept = "noUndo" in element.dataset ? undefined : await keep(labelOf(element));
    const result = await sent(element);
    if (!("noUndo" in element.dataset)) await remember(kept);
    await finish(element, result);
  } catch (error) {
    showError(error);
  } finally {
    for (const each of buttons) each.disabled = false;
  }
}

async function sent(element) {
  if (element.dataset.steps) return await walked(JSON.parse(element.dataset.steps));
  const fields = element.matches("form") ? Object.fromEntries(new FormData(element)) : {};
  if (fields.name === "" && fields.text) fields.name = /^["' ]*scenario["']?\s*:\s*["']?([\w.-]+)/m.exec(fields.text)?.[1] ?? "";
  const [method, path] = element.dataset.send.split(" ");
  if (element.dataset.base) await demandUnchanged(element.dataset);
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(fields[name] ?? ""));
  const answer = await call(method, filled, await bodyOf(element, fields), element.dataset.type);
  const text = await answer.text();
  return { fields, json: text ? JSON.parse(text) : {} };
}

// Another person, a client or the clock may have changed the record since the page was made.
async function demandUnchanged({ base, read }) {
  const now = await (await call("GET", read)).json();
  if (JSON.stringify(now) !== JSON.stringify(JSON.parse(base))) {
    throw new Refused("The record has changed meanwhile. Copy your text, and reload the page.");
  }
}

// Makes the calls of a list in order. The last one is a call to a provider.
async function walked(steps) {
  let json;
  for (const step of steps) {
    const path = step.path;
    const answer = path.startsWith("/__admin") ? await call(step.method, path, textOf(step.body)) : await provider(step);
    json = answer.status === 204 ? {} : await answer.json();
  }
  return { fields: {}, json };
}

function provider(step) {
  const headers = Object.entries(step.headers).map(([name, value]) => ({ name, value: String(value) }));
  return call("POST", "/__admin/send", JSON.stringify({ method: step.method, target: step.path, headers, body: textOf(step.body) ?? "" }));
}

function textOf(body) {
  if (body === null || body === undefined) return undefined;
  return typeof body === "string" ? body : JSON.stringify(body);
}

async function bodyOf(element, fields) {
  const { body, from, file, raw } = element.dataset;
  if (body !== undefined) return body;
  if (from) return await (await call("GET", from)).text();
  if (file && fields[file]?.size) return await fields[file].text();
  if (raw) return fields[raw];
  return element.matches("form") ? JSON.stringify(objectOf(element)) : undefined;
}

// The fields of a form as JSON: a slash in a name is a level, an empty field is left out.
function objectOf(form) {
  const object = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled || (field.value === "" && !("empty" in field.dataset))) continue;
    const path = field.name.split("/");
    const last = path.pop();
    let level = object;
    for (const each of path) level = level[each] ??= {};
    level[last] = valueOf(field);
  }
  return object;
}

function valueOf(field) {
  if (field.value === "") return null;
  if (field.type === "number") return Number(field.value);
  return "json" in field.dataset ? JSON.parse(field.value) : field.value;
}

async function finish(element, { fields, json }) {
  for (const each of element.querySelectorAll?.("[data-edited]") ?? []) delete each.dataset.edited;
  if ("gotoCall" in element.dataset) return open(`/__admin/ui/calls/${idOf(json)}?workspace=${document.body.dataset.workspace}`);
  const secret = json[element.dataset.show];
  if (secret && !secret.endsWith(`_${json.name}`)) return showSecret(`${element.dataset.show} of ${json.name}, shown only once:`, secret);
  if (element.dataset.goto) return open(element.dataset.goto.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(fields[name] ?? json[name] ?? "")));
  await refresh();
  setTimeout(refresh, 1500); // a webhook is delivered shortly after the action that caused it
  const events = (json.events ?? []).map(each => `${each.provider}.${each.kind} ${each.id}: ${each.from} -> ${each.to}`);
  const more = events.length > 12 ? [`and ${events.length - 12} more`] : [];
  show(element.dataset.done ?? "Done.", [...events.slice(0, 12), ...more]);
}

function open(address) {
  location.assign(address);
}

// The id of a call to a provider, from the response of `POST /__admin/send`.
function idOf(json) {
  const found = json.headers?.find(each => each.name === "X-Sandbox-Request-Id");
  if (!found) throw new Refused(`The server answered with ${json.status} and journalled no call.`);
  return found.value;
}

function labelOf(element) {
  const name = element.matches("button") ? element : element.querySelector("button");
  return name.title || name.textContent.trim();
}

async function copy(button) {
  try {
    const { copy: text, copyFrom } = button.dataset;
    await write(text ?? (await (await call("GET", copyFrom)).text()));
    const before = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = before), 1200);
  } catch (error) {
    showError(error);
  }
}

// The clipboard of a page is open only on HTTPS and on the loopback. Elsewhere a selection is copied.
async function write(text) {
  if (navigator.clipboard) return await navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Refused("The browser does not allow copying.");
}

export async function undoLast() {
  try {
    const action = await undo();
    await refresh();
    show(action ? `Undone: ${action}` : "There is nothing to undo.");
  } catch (error) {
    showError(error);
  }
}

export function start() {
  document.addEventListener("click", event => {
    const button = event.target.closest("button");
    if (button?.dataset.send || button?.dataset.steps) act(button);
    else if (button?.dataset.copy !== undefined || button?.dataset.copyFrom) copy(button);
  });
  document.addEventListener("submit", event => {
    if ("forget" in event.target.dataset) forget();
    if (!event.target.dataset.send) return;
    event.preventDefault();
    act(event.target);
  });
  document.addEventListener("input", event => {
    if (event.target.closest("form[data-send]")) event.target.dataset.edited = "";
  });
  document.getElementById("undo").addEventListener("click", undoLast);
}

"use strict";
// Sends a GraphQL document to the endpoint and shows the response with its outcome and reason.

const field = id => document.getElementById(id);
const about = field("about");

function say(text, bad) {
  about.textContent = text;
  about.classList.toggle("bad", bad);
}

function parsedVariables() {
  const text = field("variables").value.trim();
  return text ? JSON.parse(text) : undefined;
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function run() {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  if (field("authorization").value.trim()) headers.Authorization = field("authorization").value.trim();
  if (field("outcome").value.trim()) headers["X-Sandbox-Outcome"] = field("outcome").value.trim();
  let body;
  try {
    body = JSON.stringify({ query: field("query").value, variables: parsedVariables() });
  } catch (error) {
    return say(`The variables are not JSON: ${error.message}`, true);
  }
  say("Running", false);
  try {
    const answer = await fetch(document.body.dataset.endpoint, {
      method: "POST",
      headers,
      body,
      credentials: "omit", // otherwise the browser asks for a password after a 401
    });
    const text = await answer.text();
    const told = ["outcome", "trigger", "reason", "notice"].map(name => [name, answer.headers.get(`X-Sandbox-${name}`)]);
    field("response").textContent = indented(text);
    const parts = told.filter(([, value]) => value).map(([name, value]) => `${name}: ${value}`);
    say([`${answer.status} ${answer.statusText}`, ...parts].join("; "), !answer.ok || text.includes('"errors"'));
  } catch (error) {
    field("response").textContent = "";
    say(`No response: ${error.message}`, true);
  }
}

function choose() {
  const chosen = field("document").selectedOptions[0].dataset;
  field("query").value = chosen.query;
  field("variables").value = chosen.variables;
}

function find() {
  const wanted = field("find").value.trim().toLowerCase();
  for (const each of document.querySelectorAll("details")) {
    each.hidden = wanted !== "" && !each.textContent.toLowerCase().includes(wanted);
    each.open = wanted ? !each.hidden : each.open;
  }
}

field("request").addEventListener("submit", event => {
  event.preventDefault();
  run();
});
document.addEventListener("keydown", event => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
});
field("document").addEventListener("change", choose);
field("find").addEventListener("input", find);

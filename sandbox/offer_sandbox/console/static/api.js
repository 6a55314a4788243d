// Calls the control API in the workspace of the page, and shows its errors.

export const workspace = document.body.dataset.workspace;
const message = document.getElementById("message");
let fading;

export class Refused extends Error {
  constructor(text, problems = []) {
    super(text);
    this.problems = problems;
  }
}

export async function call(method, path, body, type = "application/json") {
  const headers = { "X-Sandbox-Workspace": workspace };
  if (body !== undefined) headers["Content-Type"] = type;
  let answer;
  try {
    answer = await fetch(path, { method, headers, body });
  } catch {
    throw new Refused("The server does not answer.");
  }
  if (answer.ok) return answer;
  throw await refusal(answer);
}

async function refusal(answer) {
  try {
    const problem = await answer.json();
    const problems = problem.problems ?? [];
    return new Refused(`${answer.status}: ${problems.length > 1 ? problem.title : problem.detail}`, problems);
  } catch {
    return new Refused(`The server answered with ${answer.status}.`);
  }
}

// Shows a sentence and a list. An error stays until the next action.
export function show(text, lines = [], bad = false) {
  clearTimeout(fading);
  message.replaceChildren();
  message.classList.toggle("bad", bad);
  if (!text) return;
  const sentence = document.createElement("p");
  sentence.textContent = text;
  message.append(sentence);
  if (lines.length) message.append(listOf(lines));
  if (!bad) fading = setTimeout(show, 4000 + 1500 * lines.length, "");
}

// Shows a text that is shown only once, with a button that copies it. It stays.
export function showSecret(text, secret) {
  show(text, [secret]);
  clearTimeout(fading);
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.dataset.copy = secret;
  message.append(button);
}

export function showError(error) {
  const lines = (error.problems ?? []).map(each => `${each.field ?? `line ${each.line}, column ${each.column}`}: ${each.detail}`);
  show(error.message, lines.length > 1 ? lines.slice(0, 20) : [], true);
}

function listOf(lines) {
  const list = document.createElement("ul");
  for (const each of lines) {
    const item = document.createElement("li");
    item.textContent = each;
    list.append(item);
  }
  return list;
}

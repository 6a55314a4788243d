"use strict";
// Shows a document with Swagger UI, and sends calls that a browser cannot send through the server.

const SEND = "/__admin/send";
const WITHOUT_BODY = [204, 205, 304]; // a Response of these has no body

async function sendThroughServer(url, request) {
  const address = new URL(url, location.href);
  const headers = Object.entries(request.headers).map(([name, value]) => ({ name, value: String(value) }));
  const asked = { method: request.method, target: address.pathname + address.search, headers, body: request.body };
  const answer = await fetch(SEND, {
    method: "POST",
    headers: withToken({ "Content-Type": "application/json" }),
    body: JSON.stringify(asked),
  });
  if (!answer.ok) return answer;
  const sent = await answer.json();
  const pairs = sent.headers.map(each => [each.name, each.value]);
  return new Response(WITHOUT_BODY.includes(sent.status) ? null : sent.body, { status: sent.status, headers: pairs });
}

function prepare(request) {
  if (new URL(request.url, location.href).pathname.startsWith("/__admin/")) return control(request);
  request.credentials = "omit"; // otherwise the browser asks for a password after a 401
  if (shown.contentType) request.headers["Content-Type"] ??= shown.contentType;
  const outcome = document.getElementById("outcome")?.value.trim();
  if (outcome) request.headers["X-Sandbox-Outcome"] = outcome;
  if (["GET", "HEAD"].includes(request.method.toUpperCase()) && request.body) request.userFetch = sendThroughServer;
  return request;
}

function control(request) {
  request.headers = { ...withToken(request.headers), "X-Sandbox-Workspace": shown.workspace };
  return request;
}

function withToken(headers) {
  const token = sessionStorage.getItem("token");
  return token ? { Authorization: `Bearer ${token}`, ...headers } : headers;
}

// The document with this server and workspace, and without examples for optional filters, which would be sent.
function prepared(document) {
  const own = `sbx_${shown.workspace}`;
  const known = document.components.parameters ?? {};
  const resolve = each => (each.$ref ? known[each.$ref.split("/").pop()] : each);
  document.servers = [{ url: location.origin }];
  for (const operation of Object.values(document.paths).flatMap(each => Object.values(each))) {
    operation.parameters = (operation.parameters ?? [])
      .map(each => structuredClone(resolve(each)))
      .filter(each => !["workspace", "X-Sandbox-Workspace"].includes(each.name))
      .map(each => ({ ...each, ...example(each, own) }));
  }
  return document;
}

function example(parameter, own) {
  const optional = parameter.in === "query" && !parameter.required;
  if (optional && shown.name === "admin") return { example: undefined, examples: undefined, schema: bare(parameter.schema) };
  return typeof parameter.example === "string" ? { example: parameter.example.replace("sbx_demo", own) } : {};
}

function bare({ example, examples, ...schema }) {
  return schema;
}

function authorize(ui, credentials) {
  for (const each of credentials) {
    if (each.token) ui.preauthorizeApiKey(each.scheme, each.token);
    else ui.preauthorizeBasic(each.scheme, each.user, each.password);
  }
}

async function start() {
  const answer = await fetch(shown.document, { headers: withToken({}) });
  if (!answer.ok) {
    const { detail } = await answer.json();
    document.getElementById("reference").textContent = `The document cannot be read (${answer.status}): ${detail}`;
    return;
  }
  const ui = SwaggerUIBundle({
    dom_id: "#reference",
    spec: prepared(await answer.json()),
    validatorUrl: null,
    deepLinking: true,
    filter: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    requestInterceptor: prepare,
    onComplete: () => authorize(ui, JSON.parse(shown.credentials)),
  });
}

const shown = document.getElementById("reference").dataset;
document.getElementById("token")?.addEventListener("change", event => {
  sessionStorage.setItem("token", event.target.value.trim());
  location.reload();
});
start();

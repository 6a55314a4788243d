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
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(asked),
  });
  if (!answer.ok) return answer;
  const sent = await answer.json();
  const pairs = sent.headers.map(each => [each.name, each.value]);
  return new Response(WITHOUT_BODY.includes(sent.status) ? null : sent.body, { status: sent.status, headers: pairs });
}

function prepare(request) {
  if (new URL(request.url, location.href).pathname.startsWith("/__admin/")) return request;
  request.credentials = "omit"; // otherwise the browser asks for a password after a 401
  if (shown.contentType) request.headers["Content-Type"] ??= shown.contentType;
  const outcome = document.getElementById("outcome")?.value.trim();
  if (outcome) request.headers["X-Sandbox-Outcome"] = outcome;
  if (["GET", "HEAD"].includes(request.method.toUpperCase()) && request.body) request.userFetch = sendThroughServer;
  return request;
}

function authorize(ui, credentials) {
  for (const each of credentials) {
    if (each.token) ui.preauthorizeApiKey(each.scheme, each.token);
    else ui.preauthorizeBasic(each.scheme, each.user, each.password);
  }
}

const shown = document.getElementById("reference").dataset;
const ui = SwaggerUIBundle({
  dom_id: "#reference",
  url: shown.document,
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

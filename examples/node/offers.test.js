// Node's own test runner against the sandbox that `offer-sandbox exec` has started.
const assert = require("node:assert");
const test = require("node:test");

const headers = { Authorization: `Bearer ${process.env.SIBI_API_KEY}` };

async function read(id, more = {}) {
  return fetch(`${process.env.SIBI_API_URL}/offers/${id}`, { headers: { ...headers, ...more } });
}

test("a new offer is pending", async () => {
  const response = await read("offer-123");
  assert.strictEqual((await response.json()).status, "pending");
});

test("a missing offer is 404", async () => {
  assert.strictEqual((await read("nobody")).status, 404);
});

test("a rate limit is 429 with Retry-After", async () => {
  const response = await read("offer-123", { "X-Sandbox-Outcome": "rate_limited" });
  assert.deepStrictEqual([response.status, response.headers.get("Retry-After")], [429, "1"]);
});

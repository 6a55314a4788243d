// Keeps a snapshot of the workspace before an action, in the browser's own database, and restores it.

import { call, workspace } from "./api.js";

const STORE = "snapshots";
const NAME = "offer-sandbox";
const button = document.getElementById("undo");
// A workspace that was deleted and created again, such as after a restart, is another one.
const key = `${workspace} ${document.body.dataset.made}`;

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function within(mode, work) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

// Stores the present state under the name of the action that follows. Without it the action still runs.
export async function keep(action) {
  try {
    const snapshot = await (await call("GET", "/__admin/snapshot")).text();
    return { action, snapshot };
  } catch {
    return undefined;
  }
}

export async function remember(kept) {
  try {
    await within("readwrite", store => (kept ? store.put(kept, key) : store.delete(key)));
  } catch {
    // a browser without a database, such as a private window, has no undo
  }
  await offer();
}

export async function offer() {
  let kept;
  try {
    kept = await within("readonly", store => store.get(key));
  } catch {
    kept = undefined;
  }
  button.hidden = !kept;
  if (kept) button.textContent = `Undo ${kept.action}`;
}

// Removes all snapshots, for the end of a visit.
export function forget() {
  indexedDB.deleteDatabase(NAME);
}

// Returns the name of the action that was undone.
export async function undo() {
  const kept = await within("readonly", store => store.get(key));
  if (!kept) return "";
  await call("PUT", "/__admin/snapshot", kept.snapshot);
  await remember(undefined);
  return kept.action;
}

// Keeps a snapshot of the workspace before an action, in the browser's own database, and restores it.

import { call, workspace } from "./api.js";

const STORE = "snapshots";
const button = document.getElementById("undo");

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("offer-sandbox", 1);
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
    await within("readwrite", store => (kept ? store.put(kept, workspace) : store.delete(workspace)));
  } catch {
    // a browser without a database, such as a private window, has no undo
  }
  await offer();
}

export async function offer() {
  let kept;
  try {
    kept = await within("readonly", store => store.get(workspace));
  } catch {
    kept = undefined;
  }
  button.hidden = !kept;
  if (kept) button.title = `Undo: ${kept.action} (z)`;
}

// Returns the name of the action that was undone.
export async function undo() {
  const kept = await within("readonly", store => store.get(workspace));
  if (!kept) return "";
  await call("PUT", "/__admin/snapshot", kept.snapshot);
  await remember(undefined);
  return kept.action;
}

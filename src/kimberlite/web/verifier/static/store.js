// What this device keeps: the newest trust bundle, the log it is of, and the language. Never a
// certificate.

const NAME = "kimberlite-verifier";
const TABLE = "kept";

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function within(mode, ask) {
  const base = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = base.transaction(TABLE, mode);
      const request = ask(transaction.objectStore(TABLE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    base.close();
  }
}

/** Give what is kept under a name, or undefined; also where this browser keeps nothing. */
export async function kept(name) {
  try {
    return await within("readonly", (table) => table.get(name));
  } catch {
    return undefined;
  }
}

/** Keep a value; false where this browser keeps nothing (private windows of some). */
export async function keep(name, value) {
  try {
    await within("readwrite", (table) => table.put(value, name));
    return true;
  } catch {
    return false;
  }
}

// What waits to be sent, kept on the device in the order it was done: in IndexedDB, or in localStorage where a browser refuses that.

const DATABASE = "andon";
const STORE = "outbox";

export async function openStore() {
  try {
    return inDatabase(await openDatabase());
  } catch {
    return inStorage();
  }
}

function openDatabase() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () =>
      opening.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

// change(id, how): how(entry) gives what is stored in its place, null to remove it, undefined to leave it, in one step that no other
// tab comes between. Resolves to what is stored then; undefined where there was no such entry, or it was left.
function inDatabase(database) {
  // "strict": what the page shows as kept is on the disk, also when the battery dies just then.
  const ask = (mode, request) =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const asked = request(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error);
    });
  return {
    all: () => ask("readonly", (store) => store.getAll()),
    add: (entry) => ask("readwrite", (store) => store.add(entry)),
    change: (id, how) =>
      ask("readwrite", (store) => {
        const asked = { result: undefined };
        const found = store.get(id);
        found.onsuccess = () => {
          asked.result = found.result && how(found.result);
          if (asked.result) store.put(asked.result);
          else if (asked.result === null) store.delete(id);
        };
        return asked;
      }),
  };
}

function inStorage() {
  const name = `${DATABASE}.${STORE}`;
  const read = () => JSON.parse(localStorage.getItem(name) ?? "[]");
  const write = (entries) => localStorage.setItem(name, JSON.stringify(entries));
  return {
    all: async () => read(),
    add: async (entry) => {
      const entries = read();
      const id = Math.max(Date.now(), 1 + (entries.at(-1)?.id ?? 0));
      write([...entries, { ...entry, id }]);
      return id;
    },
    change: async (id, how) => {
      const entries = read();
      const place = entries.findIndex((each) => each.id === id);
      const changed = place < 0 ? undefined : how(entries[place]);
      if (changed === undefined) return undefined;
      write(entries.flatMap((each, at) => (at === place ? (changed ?? []) : each)));
      return changed;
    },
  };
}

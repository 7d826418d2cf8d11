// How this device shows the pages: theme, hand and size of text. Loaded before anything is painted.

(() => {
  const root = document.documentElement;
  const NAMES = ["theme", "hand", "text"];
  const name = (each) => `andon.${each}`;
  const apply = (each, value) => {
    if (value) root.dataset[each] = value;
    else delete root.dataset[each];
  };
  const read = (each) => {
    try {
      return localStorage.getItem(name(each)) ?? "";
    } catch {
      return ""; // A browser that keeps nothing shows what is usual.
    }
  };
  const write = (each, value) => {
    apply(each, value);
    try {
      localStorage.setItem(name(each), value);
    } catch {
      // Then it holds for this page alone.
    }
  };
  for (const each of NAMES) apply(each, read(each));
  addEventListener("storage", ({ key }) => {
    for (const each of NAMES) if (key === name(each)) apply(each, read(each));
  });
  globalThis.andonDevice = { NAMES, read, write };
})();

// The dialogs of the page, and the one in which a device is set up.

const { NAMES, read, write } = globalThis.andonDevice;

export function startSettings(openers) {
  document.addEventListener("click", ({ target }) => {
    const name = target.closest("[data-opens]")?.dataset.opens;
    if (name) (openers[name] ?? (() => document.getElementById(name).showModal()))();
  });
  const dialog = document.getElementById("settings");
  for (const name of NAMES) {
    for (const option of dialog.querySelectorAll(`[name="${name}"]`)) option.checked = option.value === read(name);
  }
  dialog.addEventListener("change", ({ target }) => write(target.name, target.value));
}

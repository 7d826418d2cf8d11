// Opens the page that a name leads to over the floor, so that the floor stays in sight.

import { word } from "./supervision_send.js";
import { hold, release } from "./supervision_watch.js";

export const inMenu = (element) => element.closest("dialog");

export async function openMenu(link) {
  link.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(link.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const body = page.querySelector("[data-menu-body]");
    if (!response.ok || !body) return location.assign(link.href);
    show(document.adoptNode(body), link);
  } catch {
    location.assign(link.href); // The browser tells that the network is gone.
  } finally {
    link.removeAttribute("aria-busy");
  }
}

function show(body, link) {
  const dialog = document.createElement("dialog");
  dialog.className = "sheet-over";
  const title = body.querySelector("h1");
  title.id = "sheet-title";
  dialog.setAttribute("aria-labelledby", title.id);
  const close = document.createElement("form");
  close.method = "dialog";
  close.className = "sheet-over__close";
  const button = document.createElement("button");
  button.className = "button";
  button.textContent = word("close");
  close.append(button);
  dialog.append(body, close);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    release("menu");
    const again = link.isConnected ? link : document.querySelector(`a[data-menu][href="${CSS.escape(link.getAttribute("href"))}"]`);
    again?.focus({ preventScroll: true });
  });
  document.body.append(dialog);
  hold("menu");
  dialog.showModal();
  title.focus();
}

// The supervisor's floor, kept up to date and changed by drag or by a menu over it. Everything works without it.

import { startDragging } from "./supervision_drag.js";
import { inMenu, openMenu } from "./supervision_menu.js";
import { refresh, startWatching } from "./supervision_watch.js";
import { lineOf, send, startSending, tell } from "./supervision_send.js";

async function takeForm(event) {
  const { target: form, submitter } = event;
  if (!form.matches("form[data-deed]")) return;
  event.preventDefault();
  if ("busy" in form.dataset) return;
  const menu = inMenu(form);
  const fields = new FormData(form, submitter);
  form.dataset.busy = "";
  submitter?.setAttribute("aria-disabled", "true");
  const address = submitter?.hasAttribute("formaction") ? submitter.formAction : form.action;
  const says = [lineOf(submitter), lineOf(form.closest("[data-menu-body]")?.querySelector("h1"))].filter(Boolean).join(": ");
  const told = await send({ address, fields, says });
  delete form.dataset.busy;
  submitter?.removeAttribute("aria-disabled");
  if (!told.refused && menu) menu.close();
  tell(told, { beside: menu ? form : submitter });
  if (!told.refused || !menu) await refresh();
}

function followMenu(event) {
  const link = event.target.closest("a[data-menu]");
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!link || !isPlain) return;
  event.preventDefault();
  openMenu(link);
}

function narrow(event) {
  const form = event.target.closest("form[data-narrow]");
  if (form) form.requestSubmit();
}

document.addEventListener("submit", takeForm);
document.addEventListener("click", followMenu);
document.addEventListener("change", narrow);
startSending(refresh);
startWatching();
startDragging();

// Looks how far a printout is, until it is done: its own page, read again.

const EVERY = 1500; // Milliseconds.

const look = async () => {
  const here = document.getElementById("printout");
  if (!here?.hasAttribute("data-unfinished")) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const there = answer.ok && page.getElementById("printout");
    if (there) show(here, there);
  } catch {
    // The network is gone: what is shown stays, and is asked for again.
  }
  setTimeout(look, EVERY);
};

// While it is being made only the count changes: nothing that has the focus is taken away.
const show = (here, there) => {
  if (!there.hasAttribute("data-unfinished")) {
    here.removeAttribute("data-unfinished");
    here.replaceChildren(...there.childNodes);
    return;
  }
  here.querySelector("label").textContent = there.querySelector("label").textContent;
  here.querySelector("progress").value = there.querySelector("progress").value;
};

setTimeout(look, EVERY);

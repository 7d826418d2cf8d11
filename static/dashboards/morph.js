// Makes what is shown like what came, and touches no more than differs: focus, selection and what is open stay.

const OWN = "[data-ago]"; // What stands in these the page writes itself.

export function morph(shown, fresh) {
  const focused = document.activeElement;
  become(shown, fresh);
  // What is moved loses the focus.
  if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
}

function become(shown, fresh) {
  if (shown.isEqualNode(fresh)) return;
  if (shown.nodeType !== Node.ELEMENT_NODE) {
    shown.nodeValue = fresh.nodeValue;
    return;
  }
  takeAttributes(shown, fresh);
  if (!shown.matches(OWN)) takeChildren(shown, fresh);
}

function takeAttributes(shown, fresh) {
  for (const { name } of [...shown.attributes]) {
    const isOpened = name === "open" && shown.localName === "details";
    if (!fresh.hasAttribute(name) && !isOpened) shown.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  }
}

// Those with an id are found by it wherever they stood; the others by their place.
function takeChildren(shown, fresh) {
  const known = new Map([...shown.children].filter((each) => each.id).map((each) => [each.id, each]));
  let place = shown.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const found = wanted.id ? known.get(wanted.id) : isLike(place, wanted) ? place : null;
    if (!found || found.nodeName !== wanted.nodeName) {
      shown.insertBefore(document.adoptNode(wanted), place);
      continue;
    }
    if (found === place) place = place.nextSibling;
    else shown.insertBefore(found, place);
    become(found, wanted);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

const isLike = (place, wanted) => place !== null && !place.id && place.nodeName === wanted.nodeName;

"""What is measured in a page: targets and the gaps between them, sizes of text, contrasts, axe."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TARGET, GAP, TEXT, CONTRAST = 56, 12, 18, 7
AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
}
# In the page. Seen is what has a size, is not hidden, and is not kept for readers alone; what lies
# under an open dialog cannot be pressed. A link in the middle of a sentence is part of its line.
COMMON = """
const dialog = document.querySelector("dialog[open]");
const all = [...(dialog ?? document.body).querySelectorAll("*")];
const isSeen = (each) => each.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  && !each.closest(".sr, .skip, svg, option");
const name = (each) => (each.getAttribute("aria-label") || each.textContent || each.name || "")
  .replace(/\\s+/g, " ").trim().slice(0, 40);
const hasText = (each) => [...each.childNodes]
  .some((node) => node.nodeType === 3 && node.data.trim());
const label = (each) => each.matches("[type=radio], [type=checkbox]") && each.closest("label");
const targets = () => [...new Set(all
  .filter((each) => each.matches(
    "a[href], button, input:not([type=hidden]), select, textarea, summary"))
  .filter((each) => !(each.matches("a") && hasText(each.parentElement)))
  .map((each) => label(each) || each)
  .filter(isSeen))];
"""
SMALL = """
return targets().map((each) => [name(each), each.getBoundingClientRect()])
  .filter(([, box]) => Math.min(box.width, box.height) < least - 0.5)
  .map(([what, box]) => [what, Math.round(box.width), Math.round(box.height)])
"""
CLOSE = """
// What floats lies over the rest, not beside it.
const layer = (each) => each.closest(".afloat, .top");
const boxes = targets().map((each) => [each, each.getBoundingClientRect()]);
const close = [];
boxes.forEach(([one, a], place) => boxes.slice(place + 1).forEach(([other, b]) => {
  if (one.contains(other) || other.contains(one) || layer(one) !== layer(other)) return;
  const x = Math.max(a.left - b.right, b.left - a.right);
  const y = Math.max(a.top - b.bottom, b.top - a.bottom);
  const gap = Math.max(x, y);
  if (gap < least - 0.5) close.push([name(one), name(other), Math.round(gap)]);
}));
return close;
"""
TINY = """
return all.filter((each) => isSeen(each) && hasText(each))
  .map((each) => [name(each), parseFloat(getComputedStyle(each).fontSize)])
  .filter(([, size]) => size < least)
"""
FAINT = """
const read = (colour) => colour.match(/[\\d.]+/g).map(Number);
const light = ([red, green, blue]) => [red, green, blue]
  .map((each) => each / 255)
  .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
  .reduce((sum, each, place) => sum + each * [0.2126, 0.7152, 0.0722][place], 0);
const over = (top, ground) => {
  const alpha = top[3] ?? 1;
  return [0, 1, 2].map((place) => top[place] * alpha + ground[place] * (1 - alpha));
};
const groundOf = (each) => {
  const layers = [];
  for (let place = each; place; place = place.parentElement) {
    layers.push(read(getComputedStyle(place).backgroundColor));
  }
  return layers.reverse().reduce((ground, layer) => over(layer, ground), [255, 255, 255]);
};
return all.filter((each) => isSeen(each) && hasText(each)).map((each) => {
  const ground = groundOf(each);
  const text = over(read(getComputedStyle(each).color), ground);
  const [low, high] = [light(text), light(ground)].sort((one, other) => one - other);
  return [name(each), Math.round(100 * (high + 0.05) / (low + 0.05)) / 100];
}).filter(([, contrast]) => contrast < least);
"""


def measure(page: Page) -> dict[str, Any]:
    """Return what is too small, too close, too tiny or too faint in what can be seen."""
    asked = {"small": (SMALL, TARGET), "close": (CLOSE, GAP), "tiny": (TINY, TEXT)}
    asked |= {"faint": (FAINT, CONTRAST)}
    told = {
        what: page.evaluate(f"(least) => {{ {COMMON} {body} }}", least)
        for what, (body, least) in asked.items()
    }
    return {what: found for what, found in told.items() if found}


def violations(page: Page) -> list[str]:
    """Return what axe finds against WCAG 2.2, A and AA."""
    found = Axe().run(page, options=AXE).response["violations"]
    return [
        f"{each['id']}: {node['html'][:120]}\n{node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    ]

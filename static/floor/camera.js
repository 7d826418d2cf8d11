// Reads codes by the device's camera: with the browser's own reader, or with one that is loaded only then.

import { fill } from "./pieces.js";

const EVERY = 200; // Milliseconds between two looks at the picture.
const SAME = 3000; // For so long a code that stays before the camera is one scan.
const FORMATS = ["qr_code", "code_128", "code_39", "data_matrix"];
const dialog = document.getElementById("camera");
const picture = dialog.querySelector("video");

let stream = null;

export const hasCamera = () => Boolean(navigator.mediaDevices?.getUserMedia);

export async function openCamera(onCode) {
  show(null);
  fill(dialog, { seen: "" });
  dialog.showModal();
  dialog.addEventListener("close", stop, { once: true });
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch (fault) {
    return show(fault.name === "NotAllowedError" ? "denied" : "missing");
  }
  if (!dialog.open) return stop();
  picture.srcObject = stream;
  await picture.play();
  watch(await reader(), onCode);
}

async function reader() {
  const own = globalThis.BarcodeDetector;
  const formats = (await own?.getSupportedFormats().catch(() => [])) ?? [];
  if (formats.includes("qr_code")) return new own({ formats: FORMATS.filter((each) => formats.includes(each)) });
  const { BarcodeDetector } = await import("./libraries/qr/decode.js");
  return new BarcodeDetector({ formats: ["qr_code"] });
}

async function watch(detector, onCode) {
  let last = { code: "", at: 0 };
  while (stream) {
    const [found] = await detector.detect(picture).catch(() => []);
    const now = performance.now();
    if (found && (found.rawValue !== last.code || now - last.at > SAME)) {
      fill(dialog, { seen: found.rawValue });
      navigator.vibrate?.(50);
      onCode(found.rawValue);
    }
    if (found) last = { code: found.rawValue, at: now };
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}

function stop() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  picture.srcObject = null;
}

function show(fault) {
  picture.hidden = fault !== null;
  for (const each of dialog.querySelectorAll("[data-when]")) each.hidden = each.dataset.when !== fault;
}

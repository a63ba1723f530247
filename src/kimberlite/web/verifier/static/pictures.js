// Reads printed codes from pictures and from the camera, on this device. Nothing is uploaded.

import { decodeQRBatch } from "./vendor/qr.js";
import { Problem } from "./problem.js";

const SIDES = [1600, 1000, 2400]; // longest side to try, in pixels
const PICTURE_MS = 1500; // how long a picture may be searched, per size
const FRAME_MS = 120;
const EVERY_MS = 150;

async function texts(image, timeLimit) {
  const [found] = await decodeQRBatch([image], { timeLimit });
  return found.filter((each) => typeof each === "string");
}

function pixels(source, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff"; // a transparent picture is black on white, not black on black
  context.fillRect(0, 0, width, height);
  context.drawImage(source, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/** Give the texts of every code in a picture. Throws Problem verifier.picture, verifier.no-code. */
export async function readPicture(blob) {
  let bitmap = null;
  try {
    bitmap = await createImageBitmap(blob);
  } catch {
    throw new Problem("verifier.picture");
  }
  const found = new Set();
  try {
    const longest = Math.max(bitmap.width, bitmap.height);
    const sides = [...new Set(SIDES.map((each) => Math.min(each, longest)))];
    for (const side of sides) {
      const scale = side / longest;
      const size = [bitmap.width, bitmap.height].map((each) => Math.max(1, Math.round(each * scale)));
      for (const text of await texts(pixels(bitmap, ...size), PICTURE_MS)) found.add(text);
      if (found.size > 0) break;
    }
  } finally {
    bitmap.close();
  }
  if (found.size === 0) throw new Problem("verifier.no-code");
  return [...found];
}

/** A camera that looks for codes until it is stopped. */
export class Camera {
  #video;
  #stream = null;
  #timer = 0;

  /** @param {HTMLVideoElement} video where the user sees what the camera sees */
  constructor(video) {
    this.#video = video;
  }

  /** Start; `seen(texts)` is called for each picture with codes. Throws Problem verifier.camera. */
  async start(seen) {
    const video = { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } };
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
      this.#video.srcObject = this.#stream;
      await this.#video.play();
    } catch {
      this.stop();
      throw new Problem("verifier.camera");
    }
    this.#look(seen);
  }

  #look(seen) {
    this.#timer = setTimeout(async () => {
      const { videoWidth, videoHeight } = this.#video;
      if (videoWidth > 0) {
        const found = await texts(pixels(this.#video, videoWidth, videoHeight), FRAME_MS);
        if (this.#stream !== null && found.length > 0) seen(found);
      }
      if (this.#stream !== null) this.#look(seen);
    }, EVERY_MS);
  }

  stop() {
    clearTimeout(this.#timer);
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.#video.srcObject = null;
  }
}

// Reads printed codes from pictures and from the camera, on this device. Nothing is uploaded.

import { decodeQRBatch } from "./vendor/qr.js";
import { looks, pixels, sharpened } from "./looks.js";
import { Problem } from "./problem.js";

const SIDES = [1600, 1000, 2400]; // longest side to try, in pixels
const PICTURE_MS = 1500; // how long a picture may be searched, per look
const FRAME_MS = 120;
const EVERY_MS = 150;

async function texts(image, timeLimit) {
  const [found] = await decodeQRBatch([image], { timeLimit });
  return found.filter((each) => typeof each === "string");
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
    const { width, height } = bitmap;
    const longest = Math.max(width, height);
    const plain = [...new Set(SIDES.map((each) => Math.min(each, longest)))];
    function* tries() {
      for (const side of plain) yield pixels(bitmap, width, height, side / longest);
      yield* looks(bitmap, width, height);
    }
    for (const image of tries()) {
      for (const text of await texts(image, PICTURE_MS)) found.add(text);
      // A receipt's code, or a code of somebody else, is no reason to stop looking.
      if ([...found].some((each) => each.startsWith("KPC1"))) break;
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
  #frames = 0;

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
        const image = pixels(this.#video, videoWidth, videoHeight);
        if (this.#frames++ % 2 === 1) sharpened(image, 2, 1.5); // what is out of focus
        const found = await texts(image, FRAME_MS);
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

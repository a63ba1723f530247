// Second looks at a picture in which no code was read. Each wins pictures that the others lose:
// which, and in which order, was measured by benchmarks/qr.py (docs/spec/qr.md).

const LARGEST = 1600; // longest side that is treated, in pixels

/** Give the pixels of a picture at `scale`, on white, turned by `angle` (radians). */
export function pixels(source, width, height, scale = 1, angle = 0) {
  const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  const reach = angle === 0 ? [w, h] : [Math.ceil(Math.hypot(w, h)), Math.ceil(Math.hypot(w, h))];
  const context = new OffscreenCanvas(...reach).getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff"; // a transparent picture is black on white, not black on black
  context.fillRect(0, 0, ...reach);
  context.translate(reach[0] / 2, reach[1] / 2);
  context.rotate(angle);
  context.drawImage(source, -w / 2, -h / 2, w, h);
  return context.getImageData(0, 0, ...reach);
}

/** Take `by` times the difference to a blurred picture on top; -1 gives the blurred one. */
export function sharpened(image, radius, by) {
  const { width, height, data } = image;
  let soft = new Float32Array(width * height);
  for (let at = 0; at < soft.length; at++) soft[at] = data[4 * at];
  for (let time = 0; time < 2; time++) {
    soft = averaged(soft, radius, width, height, 1, width);
    soft = averaged(soft, radius, height, width, width, 1);
  }
  for (let at = 0; at < soft.length; at++) {
    const level = data[4 * at] + by * (data[4 * at] - soft[at]);
    data[4 * at] = data[4 * at + 1] = data[4 * at + 2] = level;
  }
  return image;
}

/** Average `count` levels of each of `lines` lines with their neighbours within `radius`. */
function averaged(from, radius, count, lines, step, stride) {
  const to = new Float32Array(from.length);
  for (let line = 0; line < lines; line++) {
    const level = (at) => from[line * stride + Math.min(Math.max(at, 0), count - 1) * step];
    let sum = 0;
    for (let at = -radius; at <= radius; at++) sum += level(at);
    for (let at = 0; at < count; at++) {
      to[line * stride + at * step] = sum / (2 * radius + 1);
      sum += level(at + radius + 1) - level(at - radius);
    }
  }
  return to;
}

/** Give one treated picture after the other: sharper, larger and sharper, softer, larger, turned. */
export function* looks(source, width, height) {
  const scale = (most) => Math.min(1, most / Math.max(width, height));
  const at = (most, by, angle) => pixels(source, width, height, scale(most) * by, angle);
  yield sharpened(at(LARGEST, 1), 2, 1.5);
  yield sharpened(at(LARGEST / 2, 2), 4, 2);
  yield sharpened(at(LARGEST, 1), 1, -1);
  yield at(LARGEST / 2, 2);
  yield at(LARGEST / 2, 3);
  yield at(LARGEST, 1, 0.5);
}

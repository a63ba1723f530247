"""The browser's verifier: page weight, time to check a file, start without a network."""

from __future__ import annotations

import gzip
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.measure import Figures, tell
from kimberlite.web.verifier.assets import weight
from tests.helpers.verifier import browsing, opened, served, shown
from tests.helpers.web import NOW, furnished

_CHECK = """async ({ file, rounds, engine }) => {
  const { verifyBundle } = await import("/verifier/bundle.js");
  const { verify } = await import("/verifier/verify.js");
  const keys = await import("/verifier/keys.js");
  const { fromHex } = await import("/verifier/bytes.js");
  const { kept } = await import("/verifier/store.js");
  const schemas = await (await fetch("/verifier/schemas.json")).json();
  keys.prefer(engine);
  const bundle = await verifyBundle(await kept("bundle"), schemas);
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await verify(fromHex(file), bundle, schemas, { today: 20779 });
    times.push(performance.now() - began);
  }
  keys.prefer("webcrypto");
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)];
}"""


def bench(*, quick: bool = False) -> Iterator[Figures]:
    """Measure in Chromium, with the network off once the page is open."""
    packed = {name: len(gzip.compress(body, 9)) for name, body in weight().items()}
    yield {"bench": "verifier page weight", "bytes_gzip": sum(packed.values()), "at_most": 150_000}
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        return
    rounds = 20 if quick else 200
    with tempfile.TemporaryDirectory() as folder:
        node, files = furnished(Path(folder) / "home")
        with served(node) as address, browsing(chromium) as browser:
            page = opened(browser, address, now=NOW)
            page.context.set_offline(True)
            for engine in ("webcrypto", "vendored"):
                told = {"file": files["XA100002"].hex(), "rounds": rounds, "engine": engine}
                taken = page.evaluate(_CHECK, told)
                yield {"bench": f"verifier check, {engine}", "ms": round(taken, 2)}
            starts, answers = [], []
            for _ in range(3 if quick else 10):
                began = perf_counter()
                page.reload()
                page.wait_for_selector("html[data-ready=true]")
                starts.append(perf_counter() - began)
                one = {"name": "a.kpc", "mimeType": "", "buffer": files["XA100002"]}
                began = perf_counter()
                page.set_input_files("#choose", [one])  # type: ignore[arg-type]
                shown(page)
                answers.append(perf_counter() - began)
            yield {"bench": "verifier start, network off", "ms": round(median(starts) * 1000)}
            yield {"bench": "verifier file to answer", "ms": round(median(answers) * 1000)}


if __name__ == "__main__":
    for figures in bench():
        tell(figures)

"""`make conformance`: print every kind of page, seal it, and have validators of others judge it.

Needs Java and Maven, which fetches veraPDF and DSS. Nothing of either is shipped or linked.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kimberlite.documents.pdf import page
from kimberlite.documents.pdf.labels import PAPER_LANGUAGES
from kimberlite.documents.pdf.page import Stock
from kimberlite.documents.pdf.register import Register, Row, day_register
from kimberlite.documents.pdf.seal import seal
from kimberlite.documents.pdf.sheet import Order
from tests.helpers.carried import ARABIC, papers
from tests.helpers.printed import PAPER, names, order
from tests.helpers.seals import MOMENT, Cabinet

HERE = Path(__file__).parent
PASSED = {
    "B-LT": {"PAdES-BASELINE-LT TOTAL_PASSED"},
    # Without lists nobody can say that the certificate was not revoked.
    "B-T": {"PAdES-BASELINE-T INDETERMINATE"},
    "B-B": {"PAdES-BASELINE-B INDETERMINATE"},
    "": set[str](),
}
"""What DSS has to say of each grade."""


def pages(cabinet: Cabinet) -> Iterator[tuple[str, str, bytes]]:
    """Give name, grade of the seal and bytes of every kind of page."""

    def sealed(order: Order, level: str) -> bytes:
        made = page.certificate(order)
        return seal(made, cabinet.sealing(level), name="XA", reason="conformance")

    for lang in PAPER_LANGUAGES:
        parties = ARABIC if lang == "ar" else {}
        yield f"certificate-{lang}", "B-LT", sealed(order(lang, parties=parties, **PAPER), "B-LT")
    for level in ("B-T", "B-B"):
        yield f"certificate-{level}", level, sealed(order("fr", kind="prod", **PAPER), level)
    long = order("ru", parties=papers(12), copy=True)
    yield "two-sheets-copy", "B-LT", sealed(long, "B-LT")
    yield "overprint", "", page.overprint(order("fr", **PAPER))
    stock = Stock(long.design, "XA", range(1, 4), "fr", "test", names)
    yield "stock", "", page.blank(stock, MOMENT)
    day = MOMENT // 86_400
    row = Row(1, day, "XA100001", "XB", "issued", parcels=2, points=150, cents=10_000)
    register = Register("XA", "Office", day, day, (row,) * 60, (), "test", names)
    yield "day-register", "", day_register(register, "ar", MOMENT)


def main() -> None:
    """Print a line for each page; end with 1 where any is at fault."""
    missing = [each for each in ("java", "mvn") if shutil.which(each) is None]
    if missing:
        sys.exit(f"needs {' and '.join(missing)}: install a Java runtime and Maven")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = _judged(folder, dict(_written(folder)))
    bad = [each for each in found if not each[1]]
    for title, good, told in found:
        print(f"{'good' if good else 'FAULT'}  {title}: {told}")
    sys.exit(1 if bad or not found else 0)


def _written(folder: Path) -> Iterator[tuple[str, str]]:
    cabinet = Cabinet()
    (folder / "root.der").write_bytes(cabinet.authority.certificate)
    for title, level, pdf in pages(cabinet):
        (folder / f"{title}.pdf").write_bytes(pdf)
        yield title, level


def _judged(folder: Path, grades: dict[str, str]) -> list[tuple[str, bool, str]]:
    words = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:build-classpath"]
    path = folder / "classpath"
    subprocess.run([*words, f"-Dmdep.outputFile={path}"], check=True, stdout=subprocess.DEVNULL)
    files = [str(folder / f"{title}.pdf") for title in grades]
    command = ["java", "-cp", path.read_text("ascii"), str(HERE / "Judge.java")]
    told = subprocess.run(
        [*command, str(folder / "root.der"), *files],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ).stdout
    lines = [line.split("\t") for line in told.splitlines() if line.startswith(str(folder))]
    return [
        _verdict(title, level, [each[1:] for each in lines if Path(each[0]).stem == title])
        for title, level in grades.items()
    ]


def _verdict(title: str, level: str, told: list[list[str]]) -> tuple[str, bool, str]:
    forms = {(kind, text) for kind, text in told if kind in {"3a", "ua1"}}
    seals = {text for kind, text in told if kind == "seal"}
    good = forms == {("3a", "yes"), ("ua1", "yes")} and seals == PASSED[level]
    faults = [f"{kind} {text}" for kind, text in told if kind == "fault"]
    said = [f"{kind} {text}" for kind, text in told if kind not in {"fault", "because"}]
    return title, good, "; ".join((*said, *faults[:5]))


if __name__ == "__main__":
    main()

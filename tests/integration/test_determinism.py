"""The same bytes come to the same log in any process: other hash seeds, locales, time zones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kimberlite.ledger.archive import export
from tests.helpers.log import Desk, key, sample, statement

PROGRAM = """
import json, locale, sys, time
from pathlib import Path
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass  # a system without that locale still shows what its name alone does
from kimberlite.ledger.archive import ArchiveCopy
from kimberlite.ledger.audit import audit
from tests.helpers.log import BOOKS
from kimberlite.ledger.replay import KeptRows, Replay
copy = ArchiveCopy(Path(sys.argv[1]))
found = audit(copy, BOOKS, helpers=int(sys.argv[2]))
rows = KeptRows()
replay = Replay(BOOKS, rows)
for chunk in copy.chunks():
    rows.keep(replay.feed(chunk))
state = {t: {k: v.hex() for k, v in sorted(r.items())} for t, r in sorted(rows.tables.items())}
print(json.dumps([found.facts.hex(), found.root.hex(), found.findings, found.types, state]))
"""

SURROUNDINGS = [
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"},
    {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "Pacific/Kiritimati"},
    {"PYTHONHASHSEED": "4294967295", "LC_ALL": "tr_TR.UTF-8", "TZ": "America/St_Johns"},
    {"PYTHONHASHSEED": "random", "LC_ALL": "de_DE.UTF-8", "TZ": "Asia/Kathmandu"},
    {"PYTHONHASHSEED": "random", "LC_ALL": "ar_SA.UTF-8", "TZ": "Antarctica/Troll"},
    {"PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "", "PYTHONUTF8": "0", "PYTHONOPTIMIZE": "2"},
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    desk = Desk()
    desk.must(sample(1))
    named = {"kid": key("XD daily").public.kid, "reason": "a test"}
    desk.endorse("XC", desk.must(statement("XB", "kp-key-withdrawal+cose", named)))
    for at, number in enumerate((3, 1, 4, 1, 5, 9, 2, 6, 5, 3)):
        desk.say(sample(number, ("XA", "XB", "XC")[at % 3]))
    path = tmp_path_factory.mktemp("archive") / "log.kpl"
    export(desk.engine, desk.checkpoint, path)
    return path, desk.log.facts


def test_replays_agree_whatever_surrounds_them(
    archive: tuple[Path, bytes], repository: Path
) -> None:
    path, facts = archive
    answers = []
    for at, surroundings in enumerate(SURROUNDINGS):
        environment = {**os.environ, **surroundings, "PYTHONPATH": str(repository)}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(path), str(at % 3)],
            capture_output=True,
            check=False,
            cwd=repository,
            env=environment,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr.decode()
        answers.append(done.stdout)
    assert json.loads(answers[0])[0] == facts.hex()
    assert len(set(answers)) == 1

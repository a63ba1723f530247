"""A process that appends while the system refuses it more than so many bytes in one file.

Run as ``python -m tests.helpers.cramped FOLDER LIMIT``. Prints what was acknowledged before the
refusal, the refusal's code, the size right after it, and what was acknowledged once there was
room again. A process of its own, because the limit holds for all files of a process.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from kimberlite.kernel.errors import Problem
from tests.helpers.appender import open_log
from tests.helpers.log import Clock, genesis, sample


def main(folder: Path, limit: int) -> None:
    """Append until the limit bites, then with room again."""
    log, engine = open_log(folder, Clock())
    log.append([genesis()])
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    before, code, number = log.size, "", 0
    try:
        while number < 100_000:
            log.append([sample(number), sample(number + 1)])
            number, before = number + 2, log.size
    except Problem as bad:
        code = bad.code
    during = engine.head().size
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    log.append([sample(number), sample(number + 1)])
    told = {"before": before, "code": code, "during": during, "after": log.size, "number": number}
    print(json.dumps(told))  # noqa: T201 - this is its answer


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

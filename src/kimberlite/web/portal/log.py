"""The log for people: its head, its entries, and the static files that mirrors read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import FileResponse, Response

from kimberlite.kernel.errors import Invalid, NotFound
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.facts import facts_of
from kimberlite.ledger.types import StatementType
from kimberlite.ledger.v1.rows import moment
from kimberlite.node.books import V1
from kimberlite.web import present
from kimberlite.web.desk import Visit, visit_of
from kimberlite.web.pages import Page
from kimberlite.web.permissions import Action
from kimberlite.web.shell import render

_A_PAGE = 25
_DIGITS = re.compile(r"[0-9]{1,18}")
_FULL = re.compile(r"tile/(?:entries|[0-9]{1,2})/(?:x[0-9]{3}/)*[0-9]{3}")
_PART = re.compile(rf"{_FULL.pattern}\.p/[0-9]{{1,3}}")


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as the list shows it."""

    index: int
    typ: str
    iss: str
    sub: str
    findings: tuple[str, ...]


def _number(text: str) -> int:
    if _DIGITS.fullmatch(text) is None:
        raise Invalid("log.index", "an entry is known by a whole number", text=text[:20])
    return int(text)


def _lines(visit: Visit, before: int) -> list[Line]:
    found = []
    for index, stored in visit.desk.view.reader.entries(max(0, before - _A_PAGE), before):
        header = parse(stored.raw).header
        codes = tuple(str(each[1]) for each in facts_of(stored.facts) if each[0] == "finding")
        found.append(Line(index, header.typ, header.iss, header.sub, codes))
    return found[::-1]


async def head(request: Request) -> Response:
    """Show the head, the signed checkpoint, and the latest entries to those who may read them."""
    visit = visit_of(request)
    view = visit.desk.view
    seen, charter, now = view.reader.head(), view.charter(), moment(view.reader.state())
    asked = visit.query.get("before", "")
    before = min(_number(asked), seen.size) if asked else seen.size
    newer = min(before + _A_PAGE, seen.size) if before < seen.size else None
    checkpoint = view.checkpoint()
    return render(
        request,
        "log/head.html",
        title="" if charter is None else charter.title,
        origin="" if charter is None else charter.origin,
        genesis="" if charter is None else charter.digest.hex(),
        size=seen.size,
        root=seen.root.hex(),
        facts=seen.facts.hex(),
        now=0 if now is None else now.now,
        checkpoint=None if checkpoint is None else checkpoint.decode("utf-8", "replace"),
        entries=_lines(visit, before) if visit.reads_entries else [],
        newer=newer,
        older=max(0, before - _A_PAGE),
    )


async def entry(request: Request) -> Response:
    """Show one entry: who said what, and what rules found."""
    visit = visit_of(request)
    reader = visit.desk.view.reader
    index = _number(request.path_params["index"])
    stored = reader.entry(index)
    statement = parse(stored.raw)
    header, kind = statement.header, V1.types.get(statement.header.typ)
    told = [] if kind is None else _told(kind, statement.body.log, visit)
    facts = facts_of(stored.facts)
    return render(
        request,
        "log/entry.html",
        index=index,
        size=reader.size,
        typ=header.typ,
        iss=header.iss,
        sub=header.sub,
        iat=header.iat,
        kid=header.kid.hex(),
        statement=statement.id.hex(),
        named=told,
        sealed=[] if kind is None else _sealed(kind, statement.body.seals),
        findings=[(str(each[1]), dict(each[2])) for each in facts if each[0] == "finding"],
    )


def _told(kind: StatementType, log: dict[int, object], visit: Visit) -> list[tuple[str, str]]:
    return present.section_fields(kind.schema, kind.schema.read(log), visit.words)


def _sealed(kind: StatementType, seals: object) -> list[str]:
    held = seals if isinstance(seals, dict) else {}
    return [each.name for each in kind.sections if each.label in held]


async def static(request: Request) -> Response:
    """Give the log's static files as C2SP tlog-tiles names them; full tiles never change."""
    visit = visit_of(request)
    name = request.path_params["name"]
    if name == "checkpoint":
        return _file(visit, name, "no-cache")
    visit.require(Action.READ_ENTRIES)
    if _FULL.fullmatch(name):
        return _file(visit, name, "public, max-age=31536000, immutable")
    if _PART.fullmatch(name):
        return _file(visit, name, "public, max-age=60")
    raise NotFound("web.no-page", "there is no such page here")


def _file(visit: Visit, name: str, keep: str) -> Response:
    path = visit.desk.view.home.public / name
    if not path.is_file():
        raise NotFound("log.no-tile", "the log has no such file, or not any more", name=name)
    media = "text/plain; charset=utf-8" if name == "checkpoint" else "application/octet-stream"
    return FileResponse(path, media_type=media, headers={"Cache-Control": keep})


PAGES = (
    Page("/log", head, Action.READ_HEAD, title="web.nav.log", order=50),
    Page("/log/entries/{index}", entry, Action.READ_ENTRIES),
    Page("/log/tiles/{name:path}", static, Action.READ_HEAD),
)

"""The files of the page: those in ``static``, and those made of the reference's own tables."""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from kimberlite.certificates.rules import ISSUE_RULES
from kimberlite.certificates.transitions import Status
from kimberlite.certificates.v1 import TYPES
from kimberlite.web.shell import static_address
from kimberlite.web.verifier import schemas
from kimberlite.words import LANGUAGES, NAMES
from kimberlite.words.catalogue import catalogue

FOLDER = "/verifier/"
_KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "webmanifest": "application/manifest+json",
    "svg": "image/svg+xml",
    "png": "image/png",
}
_STYLE = "kimberlite.css"
_WORKER = "sw.js"
_PAGE = "index.html"
_SAID = (
    "cannot.",
    "issuer.",
    "proves.",
    "reminder.",
    "territory.",
    "unit.",
    "web.kind.",
    "web.verdict.",
    "web.weight.",
)
"""How the keys begin that the page puts together; all others stand in its files as they are."""
_FIELDS = (
    "carats",
    "destination",
    "expires",
    "exporter",
    "hs",
    "importer",
    "issued",
    "origin_mode",
    "origins",
    "parcels",
    "provenance",
    "seals",
    "value",
)
_COMMENT = re.compile(rb"(?ms)^[ \t]*(?:/\*\*.*?\*/|//[^\n]*)\n")
_WORDS = (
    "arrival",
    "cannot-tell",
    "export",
    "issue",
    "mixed-listed",
    "mixed-shares",
    "mixed-undisclosed",
    "no",
    "revocation",
    "single",
    "suspension",
    "yes",
)
_NAMED = re.compile(r"""["'`>]([a-z]+(?:[.-][a-z0-9*]+)+)["'`<]""")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served. ``packed`` is ``body`` in gzip, empty where that saves nothing."""

    body: bytes
    media_type: str
    packed: bytes = b""


@functools.cache
def assets() -> Mapping[str, Asset]:
    """Give every file by its name below ``/verifier/``; the page itself has the name ""."""
    found = {name: _asset(name, body) for name, body in {**_kept(), **_made()}.items()}
    page = found.pop(_PAGE)
    style = static_address(_STYLE)
    shown = page.body.replace(f'"/static/{_STYLE}"'.encode(), f'"{style}"'.encode())
    found[""] = _asset(_PAGE, shown)
    worker = found.pop(_WORKER)
    found[_WORKER] = _asset(_WORKER, _preface(found, style) + worker.body)
    return found


def weight() -> Mapping[str, bytes]:
    """Give the bodies of what a first visit loads, by name: everything kept for offline use."""
    style = (files("kimberlite.web") / "static" / _STYLE).read_bytes()
    return {_STYLE: style, **{name: asset.body for name, asset in assets().items()}}


def _preface(found: Mapping[str, Asset], style: str) -> bytes:
    """Say to the service worker what to keep; other contents make another version of it."""
    digest = hashlib.sha256(style.encode())
    for name in sorted(found):
        digest.update(name.encode() + b"\0" + hashlib.sha256(found[name].body).digest())
    addresses = json.dumps([style, *(FOLDER + name for name in sorted(found))])
    return f'const FILES = {addresses};\nconst VERSION = "{digest.hexdigest()[:16]}";\n'.encode()


def _asset(name: str, body: bytes) -> Asset:
    packed = gzip.compress(body, 9, mtime=0)
    return Asset(body, _KINDS[name.rpartition(".")[2]], packed if len(packed) < len(body) else b"")


def _kept() -> dict[str, bytes]:
    folder = files(__package__) / "static"
    here = {each.name: each for each in folder.iterdir() if each.is_file()}
    vendored = {
        f"vendor/{each.name}": each
        for each in (folder / "vendor").iterdir()
        if each.name.endswith(".js")
    }
    own = {
        name: _bare(each.read_bytes()) if name.endswith(".js") else each.read_bytes()
        for name, each in here.items()
    }
    return own | {name: each.read_bytes() for name, each in vendored.items()}


def _bare(script: bytes) -> bytes:
    """Leave out lines that are comments alone: a phone has no use for them, and pays for each."""
    return _COMMENT.sub(b"", script)


def _made() -> dict[str, bytes]:
    made: dict[str, object] = {f"words-{lang}.json": words(lang) for lang in LANGUAGES}
    made["schemas.json"] = schemas.document()
    made["languages.json"] = dict(NAMES)
    return {
        name: json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        for name, value in made.items()
    }


def words(lang: str) -> dict[str, str]:
    """Give the part of a catalogue that the page may say."""
    named = _named()
    return {
        key: text
        for key, text in catalogue(lang).items()
        if key.startswith(_SAID) or key.partition("#")[0] in named
    }


@functools.cache
def _named() -> frozenset[str]:
    """List the keys that stand in the page's own files, and the rules an issuer may have named."""
    sources = [body.decode() for name, body in _kept().items() if name.endswith((".js", ".html"))]
    found = {key for source in sources for key in _NAMED.findall(source)}
    rules = {each.code for each in ISSUE_RULES}
    areas = {f"{key.partition('.')[0]}.*" for key in found}
    states = {f"certificate.{each.word}{tail}" for each in Status for tail in ("", "-before")}
    told = {f"field.{name}" for name in _FIELDS} | {f"kind.{each.typ}" for each in TYPES}
    words = {f"word.{each}" for each in _WORDS}
    return frozenset(found | rules | areas | states | told | words)

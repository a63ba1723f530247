"""Credentials: derived and signed, read and judged, each beside one Ed25519 operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.measure import Figures, compared, in_turns
from kimberlite.certificates.file import parse_file
from kimberlite.certificates.verify import Verifier
from kimberlite.documents import reading
from kimberlite.documents.credential import check, did, jws, strict, vc, view
from tests.helpers.certificates import DAY, Desk
from tests.helpers.world import key_of

_ORIGIN = "log.example/test"


def bench(*, quick: bool = False) -> Iterator[Figures]:
    """Measure documents a second, with their sizes in bytes."""
    each, rounds = (5, 2) if quick else (300, 5)
    desk = Desk()
    file = parse_file(desk.file(desk.issue()))
    bundle, key = desk.bundle(), key_of("XA")
    verifier = Verifier(bundle)
    kid = did.key_id(_ORIGIN, "XA", key.public.kid)

    def make() -> bytes:
        payload = strict.encode(vc.derive(file, _ORIGIN))
        return jws.sign(payload, key, typ=vc.TYP, kid=kid, cty=vc.CTY).encode()

    def show() -> bytes:
        payload, every = view.derive(file, _ORIGIN)
        return view.present(jws.sign(strict.encode(payload), key, typ=view.TYP, kid=kid), every)

    token, seen = make(), show()

    def judge() -> None:
        check.judge(token, bundle, verifier.verify(reading.read(token), DAY))

    message, signature = token[:-86], key.sign(token[:-86])
    work = (
        ("credential, derived and signed", make, lambda: key.sign(message), "one signature"),
        ("view, derived and signed", show, lambda: key.sign(message), "one signature"),
        ("credential, read and judged", judge,
         lambda: key.public.verify(signature, message), "one verification"),
    )  # fmt: skip
    sizes = {"credential_bytes": len(token), "view_bytes": len(seen)}
    for name, run, limit, said in work:
        turns = in_turns(rounds, _times(each, run), _times(each, limit))
        yield {**compared(name, turns, said, each=each), **sizes}


def _times(count: int, run: Callable[[], object]) -> Callable[[], None]:
    def go() -> None:
        for _ in range(count):
            run()

    return go

"""An offline check: a certificate file with its receipt against a trust bundle, no node asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256

from nacl.bindings import crypto_sign_open

from benchmarks import measure
from benchmarks.measure import Figures
from benchmarks.world import ORIGIN, TODAY, World, founder, public_keys
from kimberlite.certificates.file import parse_file, write
from kimberlite.certificates.verdict import Result
from kimberlite.certificates.verify import Verifier
from kimberlite.crypto.sign1 import to_be_signed
from kimberlite.ledger import bundle, checkpoint, proofs, receipt
from kimberlite.ledger.bundle import TrustBundle
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.engine.memory import MemoryEngine
from kimberlite.ledger.guard import MemoryMemo
from kimberlite.ledger.tree import leaf_hash
from kimberlite.node import trust

SIZE, PLACE = 1_000_000, 333_333
"""Entries of the log that the receipt is from, and where the certificate stands in it."""

BARE = "bare cryptography (2 Ed25519 verifications, the hashes of tree, statement and sections)"


def bench(*, quick: bool) -> Iterator[Figures]:
    """Time whole checks, and what of them is cryptography, beside the bare cryptography."""
    each, rounds = (3, 2) if quick else (200, 25)
    file, trusted = papers()
    genesis = bundle.verify(trusted).genesis
    known = bundle.verify(trusted, genesis)
    verifier = Verifier(known)
    bare = _repeated(_bare(file), each)
    verdict = verifier.verify(file, TODAY, "XB")
    assert verdict.result is Result.VALID, verdict.reasons
    told = {"file_bytes": len(file), "hashes_in_path": len(_path())}
    work = {
        "offline check": lambda: verifier.verify(file, TODAY, "XB"),
        "offline check: signature and registration alone": lambda: _genuine(file, known),
        "offline check: the bundle itself": lambda: Verifier(bundle.verify(trusted, genesis)),
    }
    for name, run in work.items():
        turns = measure.in_turns(rounds, _repeated(run, each), bare)
        yield measure.compared(name, turns, BARE, each=each) | told


def _repeated(run: Callable[[], object], count: int) -> Callable[[], None]:
    def go() -> None:
        for _ in range(count):
            run()

    return go


def _genuine(file: bytes, known: TrustBundle) -> None:
    """Check that the issuer signed the statement, and that the log holds it; nothing else."""
    read = parse_file(file)
    key = known.keys[read.statement.header.kid]
    assert read.statement.signed_by(key.public)
    receipt.verify(read.receipts[0], read.statement.raw, known.log_key, known.origin)


def papers() -> tuple[bytes, bytes]:
    """Write a certificate file, as an exporter hands it on, and the bundle to check it with."""
    engine = MemoryEngine()
    world = World(engine, MemoryMemo(), lag=1)
    raw, openings = world.traffic.certificate()
    world.append([raw])
    root = proofs.root_from_inclusion(PLACE, SIZE, leaf_hash(raw), _path())
    head = Checkpoint(ORIGIN, SIZE, root)
    key = founder().key("kp.log", "log")
    shown = receipt.issue(head, PLACE, _path(), key, iss="kp.log", sub=f"entry-{PLACE}")
    file = write(raw, openings, [shown])
    return file, trust.bundle(engine, world.log.state, checkpoint.sign(head, key), key)


def _path() -> list[bytes]:
    """Give as many siblings as a proof in so large a log has; a verifier cannot tell them apart."""
    fork = (PLACE ^ (SIZE - 1)).bit_length()
    count = fork + (PLACE >> fork).bit_count()
    return [sha256(bytes((level,))).digest() for level in range(count)]


def _bare(file: bytes) -> Callable[[], None]:
    """Do what no verifier can do without, on the same bytes: signatures and hashes."""
    read = parse_file(file)
    statement, shown = read.statement, receipt.parse(read.receipts[0])
    path = shown.path
    root = proofs.root_from_inclusion(PLACE, SIZE, leaf_hash(statement.raw), path)
    log_key = founder().key("kp.log", "log").public.raw
    issued = statement.signature + to_be_signed(statement.protected, statement.payload)
    logged = shown.signature + to_be_signed(shown.protected, root)
    issuer_key = public_keys()[statement.header.kid]
    hashed = [
        b"\0" + statement.raw,
        *(b"\1" + root + sibling for sibling in path),
        statement.protected + statement.payload,
        *(each.content for each in read.openings),
    ]

    def run() -> None:
        for data in hashed:
            sha256(data).digest()
        crypto_sign_open(issued, issuer_key)
        crypto_sign_open(logged, log_key)

    return run

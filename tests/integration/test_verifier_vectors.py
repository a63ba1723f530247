"""The verifier in a real browser, against the vectors that this program itself is held to."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import Page

from kimberlite.crypto import Algorithm, PublicKey
from kimberlite.crypto.keys import Esp256PrivateKey
from kimberlite.documents import checkword, qr
from kimberlite.documents.qr import qr1, qr2
from kimberlite.kernel.errors import Problem
from kimberlite.ledger.proofs import root_from_inclusion
from kimberlite.words import LANGUAGES, Words
from tests.helpers.carried import ARABIC, carried, mixed, papers
from tests.helpers.certificates import Desk
from tests.helpers.verifier import browsing, served
from tests.helpers.web import Node

pytestmark = pytest.mark.browser
VECTORS = Path(__file__).resolve().parents[2] / "vectors"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[Page]:
    """A page of the verifier's origin and under its policy, whose modules can be asked."""
    node = Node(tmp_path_factory.mktemp("node") / "home")
    with served(node) as address, browsing(chromium) as browser:
        found = browser.new_page()
        found.goto(f"{address}/verifier/")
        found.wait_for_selector("html[data-ready=true]")
        yield found


CBOR = """async (cases) => {
  const { decode, encode } = await import("/verifier/cbor.js");
  const { fromHex, hex } = await import("/verifier/bytes.js");
  return cases.map((each) => {
    try { return { again: hex(encode(decode(fromHex(each)))) }; }
    catch (bad) { return { code: bad.code ?? String(bad) }; }
  });
}"""


def test_cbor_is_read_and_written_as_the_vectors_say(page: Page) -> None:
    told = json.loads((VECTORS / "cbor.json").read_text(encoding="utf-8"))
    accept, reject = ([each["hex"] for each in told[kind]] for kind in ("accept", "reject"))
    assert page.evaluate(CBOR, accept) == [{"again": each} for each in accept]
    codes = [{"code": each["code"]} for each in told["reject"]]
    assert page.evaluate(CBOR, reject) == codes


VERDICTS = """async ({ cases, bundles, roots = {} }) => {
  const { fromBase64, fromHex } = await import("/verifier/bytes.js");
  const { verifyBundle } = await import("/verifier/bundle.js");
  const { verify } = await import("/verifier/verify.js");
  const { verifyRoot } = await import("/verifier/roots.js");
  const schemas = await (await fetch("/verifier/schemas.json")).json();
  const answers = [];
  for (const each of cases) {
    try {
      const pinned = each.pin === null ? null : fromHex(each.pin);
      const root = each.root ? await verifyRoot(fromBase64(roots[each.root] ?? each.root)) : null;
      const raw = fromBase64(bundles[each.bundle]);
      const bundle = await verifyBundle(raw, schemas, { pinned, root });
      const status = each.status.map(fromBase64);
      const arrived = each.arrived ?? undefined;
      const when = { today: each.today, receiver: each.receiver, status, arrived };
      const found = await verify(fromBase64(each.file), bundle, schemas, when);
      answers.push({
        result: found.result, kind: found.kind, number: found.number, issuer: found.issuer,
        reasons: found.reasons.map(({ code, weight, facts }) => [code, weight, facts]),
        proves: found.proves, cannot_prove: found.cannotProve, reminders: found.reminders,
        as_of: found.asOf, age_days: found.ageDays,
      });
    } catch (bad) { answers.push({ problem: bad.code ?? String(bad.stack) }); }
  }
  return answers;
}"""
ASKED = frozenset(
    ("name", "file", "bundle", "status", "pin", "today", "receiver", "root", "arrived")
)


@pytest.mark.parametrize("engine", ["webcrypto", "vendored"])
def test_verdicts_are_those_of_the_shared_cases(page: Page, engine: str) -> None:
    told = json.loads((VECTORS / "verdicts" / "cases.json").read_text(encoding="utf-8"))
    _prefer(page, engine)
    cases = told["cases"]
    named = {name: told[name] for name in ("cases", "bundles", "roots") if name in told}
    answers = page.evaluate(VERDICTS, named)
    for case, answer in zip(cases, answers, strict=True):
        expected = {name: value for name, value in case.items() if name not in ASKED}
        assert answer == expected, case["name"]
    _prefer(page, "webcrypto")


def _prefer(page: Page, engine: str) -> None:
    script = """async (which) => {
      const keys = await import("/verifier/keys.js");
      keys.prefer(which);
      return keys.engine();
    }"""
    assert page.evaluate(script, engine) == engine


SIGNATURES = """async (cases) => {
  const { verifyEd25519, verifyP256 } = await import("/verifier/keys.js");
  const { fromHex } = await import("/verifier/bytes.js");
  const answers = [];
  for (const [which, key, signature, message] of cases) {
    const check = which === "ed25519" ? verifyEd25519 : verifyP256;
    answers.push(await check(fromHex(signature), fromHex(message), fromHex(key)));
  }
  return answers;
}"""


@pytest.mark.parametrize("engine", ["webcrypto", "vendored"])
def test_edge_cases_of_ed25519_are_decided_as_by_this_program(
    page: Page, shared: Path, engine: str
) -> None:
    told = json.loads((shared / "vectors" / "ed25519_edge_cases.json").read_text())
    cases = [["ed25519", each["key"], each["sig"], each["msg"].encode().hex()] for each in told]
    keys = [PublicKey(Algorithm.ED25519, bytes.fromhex(each[1])) for each in cases]
    expected = [
        key.verify(bytes.fromhex(each[2]), bytes.fromhex(each[3]))
        for key, each in zip(keys, cases, strict=True)
    ]
    _prefer(page, engine)
    assert page.evaluate(SIGNATURES, cases) == expected
    assert set(expected) == {True, False}
    _prefer(page, "webcrypto")


def test_unsound_keys_are_those_of_this_program(page: Page, shared: Path) -> None:
    told = json.loads((shared / "vectors" / "ed25519_edge_cases.json").read_text())
    keys = [PublicKey(Algorithm.ED25519, bytes.fromhex(raw)) for raw in {e["key"] for e in told}]
    good = Esp256PrivateKey(bytes(31) + b"\x07").public
    keys += [good, PublicKey(Algorithm.ESP256, good.raw[:-1] + bytes([good.raw[-1] ^ 1]))]
    script = """async (keys) => {
      const { soundKey } = await import("/verifier/keys.js");
      const { fromHex } = await import("/verifier/bytes.js");
      const of = ([algorithm, raw]) => soundKey({ algorithm, raw: fromHex(raw) });
      return Promise.all(keys.map(of));
    }"""
    answers = page.evaluate(script, [[int(key.algorithm), key.raw.hex()] for key in keys])
    assert answers == [_sound(key) for key in keys]
    assert set(answers) == {True, False}


def _sound(key: PublicKey) -> bool:
    try:
        key.check()
    except Problem:
        return False
    return True


def test_only_the_lower_of_two_p256_signatures_is_accepted(page: Page) -> None:
    key, message = Esp256PrivateKey(bytes(31) + b"\x07"), b"once"
    good = key.sign(message)
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    high = good[:32] + (order - int.from_bytes(good[32:], "big")).to_bytes(32, "big")
    cases = [
        ["p256", key.public.raw.hex(), each.hex(), message.hex()]
        for each in (good, high, good[:63], bytes(64))
    ]
    assert page.evaluate(SIGNATURES, cases) == [True, False, False, False]


INCLUSION = """async (cases) => {
  const { rootFromInclusion } = await import("/verifier/receipt.js");
  const { fromBase64, base64 } = await import("/verifier/bytes.js");
  const answers = [];
  for (const [index, size, leaf, path] of cases) {
    try {
      const told = path.map(fromBase64);
      const place = [BigInt(index), BigInt(size)];
      answers.push(base64(await rootFromInclusion(...place, fromBase64(leaf), told)));
    } catch (bad) { answers.push(bad.code ?? String(bad)); }
  }
  return answers;
}"""


def test_inclusion_proofs_lead_to_the_same_roots_and_refusals(page: Page, shared: Path) -> None:
    told = json.loads((shared / "vectors" / "merkle_inclusion.json").read_text())
    cases = [
        [str(each["leafIdx"]), str(each["treeSize"]), each["leafHash"], each["proof"] or []]
        for each in told
        if len(base64.b64decode(each["leafHash"])) == 32
    ]
    answers = page.evaluate(INCLUSION, cases)
    assert answers == [_root(*each) for each in cases]


def _root(index: str, size: str, leaf: str, path: list[str]) -> str:
    told = [base64.b64decode(each) for each in path]
    try:
        root = root_from_inclusion(int(index), int(size), base64.b64decode(leaf), told)
    except Problem as bad:
        return bad.code
    return base64.b64encode(root).decode()


CODES = """async (sets) => {
  const { fileOf } = await import("/verifier/codes.js");
  const { hex } = await import("/verifier/bytes.js");
  const answers = [];
  for (const texts of sets) {
    try { answers.push(hex(await fileOf(texts))); }
    catch (bad) { answers.push(bad.code ?? String(bad)); }
  }
  return answers;
}"""


def test_printed_codes_give_the_file_that_they_were_made_of(page: Page) -> None:
    desk = Desk()
    files = [
        carried(desk, "XA000123"),
        carried(desk, "XA000124", parties=ARABIC),
        carried(desk, "XA000125", shipment=mixed(14), parties={**ARABIC, **papers(12)}),
    ]
    codes = [[*reversed(qr1(each)), qr2(each)] for each in files]
    assert len(codes[2]) > 2, "the last one takes several codes"
    assert page.evaluate(CODES, codes) == [each.to_bytes().hex() for each in files]
    first, second = codes[0], codes[1]
    assert page.evaluate(
        CODES, [[], [first[-1]], [first[0], second[0]], [first[0], second[-1]]]
    ) == [
        "verifier.no-code",
        "verifier.receipt-only",
        "verifier.several",
        "verifier.other-receipt",
    ]
    broken = [
        codes[2][1:-1],
        [first[0][:-1]],
        [first[0][:-3] + "AAA"],
        [first[0][:40] + "000" + first[0][43:]],
        ["KPC9:ABC"],
        ["KPC1:" + "0" * 3000],
        ["KPC1/1/2/00000000:AB"],
        ["KPC1/3/2/00000000:BB8"],
    ]
    assert page.evaluate(CODES, broken) == [_refusal(each) for each in broken]


def _refusal(texts: list[str]) -> str:
    with pytest.raises(Problem) as refused:
        qr.files(texts)
    return refused.value.code


def test_check_words_are_the_printed_ones(page: Page) -> None:
    script = """async (ids) => {
      const { checkword } = await import("/verifier/checkword.js");
      const { fromHex } = await import("/verifier/bytes.js");
      return Promise.all(ids.map((each) => checkword(fromHex(each))));
    }"""
    ids = [bytes([each]) * 32 for each in range(64)]
    assert page.evaluate(script, [each.hex() for each in ids]) == [
        checkword.checkword(each) for each in ids
    ]


FACTS: dict[str, Any] = {
    "expires": 20522,
    "issued": 20001,
    "heaviest": 123456,
    "whole": 98765432,
    "lines": 1234567,
    "parcels": 3,
    "code": "BW",
    "destination": "XB",
    "receiver": "AE",
    "n": 3,
    "moment": 1773100800,
    "items": "value, origin",
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sentences_are_those_of_this_program(page: Page, lang: str) -> None:
    keys = [
        "certificate.expired",
        "certificate.future",
        "lines.heaviest",
        "lines.parcels",
        "issuer.may-export",
        "destination.another",
        "web.verdict.days",
        "web.verdict.as-of",
        "annex.complete",
        "cbor.truncated",
        "no.such-key",
    ]
    script = """async ({ lang, keys, facts }) => {
      const { Words } = await import("/verifier/words.js");
      const load = async (each) => (await fetch(`/verifier/words-${each}.json`)).json();
      const words = new Words(lang, await load(lang), await load("en"));
      return keys.map((key) => words.say(key, facts));
    }"""
    # English names of countries come from the registry here, and from CLDR in the browser.
    facts = {**FACTS, "code": "XC", "receiver": "XD"} if lang == "en" else FACTS
    told = page.evaluate(script, {"lang": lang, "keys": keys, "facts": facts})
    expected = [Words(lang).say(key, **facts) for key in keys]
    # Which no-break space stands before a unit differs between editions of CLDR.
    assert [_spaced(each) for each in told] == [_spaced(each) for each in expected]


def _spaced(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


CREDENTIALS = """async ({ cases, bundles }) => {
  const { fromBase64, utf8 } = await import("/verifier/bytes.js");
  const { verifyBundle } = await import("/verifier/bundle.js");
  const { verify } = await import("/verifier/verify.js");
  const kinds = await import("/verifier/credential.js");
  const schemas = await (await fetch("/verifier/schemas.json")).json();
  const answers = [];
  for (const each of cases) {
    try {
      const bundle = await verifyBundle(fromBase64(bundles[each.bundle]), schemas);
      const read = kinds.readCredential(utf8(each.token));
      const bare = await verify(read.file, bundle, schemas, { today: each.today });
      const judged = await kinds.judgeCredential(read, bundle, schemas, bare);
      const lists = [];
      for (const list of each.lists) {
        lists.push(await kinds.verifyList(utf8(list), bundle, schemas));
      }
      const told = kinds.judgeLists(judged, lists, each.today);
      answers.push({
        result: told.result,
        reasons: told.reasons.filter(({ code }) => code.startsWith("credential."))
          .map(({ code, weight, facts }) => [code, weight, facts]),
      });
    } catch (bad) { answers.push({ problem: bad.code ?? String(bad.stack) }); }
  }
  return answers;
}"""


@pytest.mark.parametrize("engine", ["webcrypto", "vendored"])
def test_credentials_are_judged_as_in_the_shared_cases(page: Page, engine: str) -> None:
    told = json.loads((VECTORS / "credential" / "cases.json").read_text(encoding="utf-8"))
    _prefer(page, engine)
    answers = page.evaluate(CREDENTIALS, {name: told[name] for name in ("cases", "bundles")})
    assert any("problem" in each for each in answers)
    for case, answer in zip(told["cases"], answers, strict=True):
        assert answer == {name: case[name] for name in answer if name in case}, case["name"]
    _prefer(page, "webcrypto")


def test_the_same_payloads_are_derived(page: Page) -> None:
    told = json.loads((VECTORS / "credential" / "cases.json").read_text(encoding="utf-8"))
    script = """async ({ file, origin }) => {
      const { fromBase64 } = await import("/verifier/bytes.js");
      const { parseFile } = await import("/verifier/verify.js");
      const { credentialOf, viewOf } = await import("/verifier/derived.js");
      const schemas = await (await fetch("/verifier/schemas.json")).json();
      const read = await parseFile(fromBase64(file), schemas);
      return [await credentialOf(read, origin, schemas), await viewOf(read, origin, schemas)];
    }"""
    payload, view = page.evaluate(script, {name: told[name] for name in ("file", "origin")})
    assert payload == told["payload"]
    assert {**view, "_sd": told["view"]["_sd"]} == told["view"]

"""Keys come, rotate, are stolen, end and are disowned; decisions wait for enough holders."""

from __future__ import annotations

import hashlib

import pytest

from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Unavailable
from kimberlite.ledger import bundle, receipt
from kimberlite.ledger import checkpoint as checkpoints
from kimberlite.ledger.admission import Admitted, Refused, Upgrade
from kimberlite.ledger.audit import audit
from kimberlite.ledger.copies import EngineCopy
from kimberlite.ledger.guard import Guard
from kimberlite.ledger.keyring import KEYS, Key, log_keys
from kimberlite.ledger.log import Log, Writer
from kimberlite.ledger.reader import Reader
from kimberlite.ledger.state import State
from kimberlite.ledger.v1.rows import EDITIONS, PENDING, moment, repudiated
from tests.helpers.log import (
    BEGAN,
    CHAIR,
    LOG,
    OPERATOR,
    ORIGIN,
    Desk,
    key,
    new_key,
    sample,
    statement,
)

ITEMS = ["XA", "XB"]
NEXT_RULES = {"version": 2, "digest": bytes(32)}


def held(desk: Desk, name: str) -> Key | None:
    """Give a key as another process reads it."""
    return Reader(desk.engine).state().get(KEYS, key(name).public.kid.hex())


def code(outcome: object) -> str:
    assert isinstance(outcome, Refused), outcome
    return outcome.code


def by_key(name: str, number: int) -> bytes:
    return statement("XA", "kp-sample+cose", {"number": number}, by=name)


def ending(typ: str, holder: str, name: str, by: str | None = None) -> bytes:
    named = {"kid": key(name).public.kid, "reason": "a test"}
    return statement(holder, typ, named, by=by)


def test_a_new_key_signs_from_the_entry_after_its_registration() -> None:
    desk = Desk()
    assert code(desk.say(by_key("XA second", 1))) == "key.unknown"

    told = desk.must(new_key("XA", "XA second", ["issue"]))

    assert told.facts == [["key.registered", key("XA second").public.kid, "XA", ["issue"]]]
    assert desk.must(by_key("XA second", 1)).index == told.index + 1
    assert held(desk, "XA second") == Key(
        key("XA second").public, "XA", "", frozenset(["issue"]), told.index + 1
    )


def test_a_key_registered_in_a_batch_already_signs_in_that_batch() -> None:
    desk = Desk()
    registered, used = desk.log.append(
        [new_key("XA", "XA second", ["issue"]), by_key("XA second", 1)]
    )
    assert isinstance(registered, Admitted)
    assert isinstance(used, Admitted)


def test_rotation_ends_the_old_key_at_the_entry_that_names_the_new() -> None:
    desk = Desk()
    old = key("XA daily").public.kid
    told = desk.must(
        new_key("XA", "XA second", ["issue", "endorse", "registry", "confirm"], replaces=old)
    )

    assert ["key.ended", old, "XA", told.index] in told.facts
    assert code(desk.say(sample(1))) == "key.not-valid"
    desk.must(by_key("XA second", 1))


def test_the_keys_role_alone_cannot_make_or_replace_a_recovery_key() -> None:
    desk = Desk()
    desk.must(new_key("XA", "XA keys", ["keys"]))

    asked = new_key("XA", "XA thief", ["recover"], by="XA keys")
    assert code(desk.say(asked)) == "key.role-beyond-own"
    recovery = key("XA recovery").public.kid
    asked = new_key("XA", "XA thief", ["issue"], by="XA keys", replaces=recovery)
    assert code(desk.say(asked)) == "key.replaces"
    desk.must(new_key("XA", "XA third", ["issue"], by="XA keys"))


def test_a_stolen_key_is_revoked_from_that_entry_on_and_never_earlier() -> None:
    desk = Desk()
    genuine, stolen = desk.must(sample(1)), desk.must(sample(2))
    told = desk.must(ending("kp-key-revocation+cose", "XA", "XA daily", "XA recovery"))

    assert code(desk.say(sample(3))) == "key.not-valid"
    found = held(desk, "XA daily")
    assert found is not None
    assert found.until == told.index
    assert found.valid_at(genuine.index)
    assert found.valid_at(stolen.index)
    assert not found.valid_at(told.index)


def test_what_a_thief_signed_is_named_and_only_its_issuer_can_disown_it() -> None:
    desk = Desk()
    genuine, stolen = (desk.must(sample(n)).statement.id for n in (1, 2))

    def disown(holder: str) -> bytes:
        named = {
            "kid": key(f"{holder} daily").public.kid,
            "statements": [stolen],
            "reason": "signed by a thief",
        }
        return statement(holder, "kp-repudiation+cose", named, by=f"{holder} recovery")

    # Another holder that lists it says nothing about it, and does not stand in the issuer's way.
    desk.must(disown("XB"))
    assert repudiated(Reader(desk.engine).state(), "XA", stolen) is None
    told = desk.must(disown("XA"))

    state = Reader(desk.engine).state()
    assert repudiated(state, "XA", stolen) == told.index
    assert repudiated(state, "XA", genuine) is None
    assert told.facts == [["statement.repudiated", stolen, "XA"]]


def test_the_daily_key_cannot_revoke_or_disown() -> None:
    desk = Desk()
    desk.must(sample(1))
    assert code(desk.say(ending("kp-key-revocation+cose", "XA", "XA recovery"))) == "key.role"


def test_nobody_revokes_the_key_of_another_holder() -> None:
    desk = Desk()
    asked = ending("kp-key-revocation+cose", "XB", "XA daily", "XB recovery")
    assert code(desk.say(asked)) == "key.another-holder"


def test_a_key_is_withdrawn_by_the_second_endorsement_and_not_by_the_first() -> None:
    desk = Desk()
    proposal = desk.must(ending("kp-key-withdrawal+cose", "XB", "XA daily"))
    assert proposal.facts[-1] == ["endorsed", proposal.statement.id, 1, 2]
    desk.must(sample(1))

    told = desk.endorse("XC", proposal)

    assert ["effective", proposal.statement.id] in told.facts
    assert code(desk.say(sample(2))) == "key.not-valid"


def test_the_chair_may_propose_but_counts_for_nobody() -> None:
    desk = Desk()
    proposal = desk.must(ending("kp-key-withdrawal+cose", CHAIR, "XA daily"))
    assert proposal.facts[-1] == ["endorsed", proposal.statement.id, 0, 2]
    desk.endorse("XB", proposal)
    desk.must(sample(1))
    assert ["effective", proposal.statement.id] in desk.endorse("XC", proposal).facts


def test_a_lost_holder_gets_a_key_again_by_decision() -> None:
    desk = Desk()
    for name in ("XA daily", "XA recovery"):
        desk.endorse("XC", desk.must(ending("kp-key-withdrawal+cose", "XB", name)))
    assert code(desk.say(new_key("XA", "XA again", ["issue"]))) == "key.not-valid"

    roles = ["recover", "keys", "issue"]
    asked = new_key("XA", "XA again", roles, typ="kp-key-admission+cose", signer="XB")
    desk.endorse("XC", desk.must(asked))

    desk.must(by_key("XA again", 1))


def test_a_decision_lapses_when_the_rules_refuse_it_by_the_time_enough_agree() -> None:
    desk = Desk()
    proposal = desk.must(ending("kp-key-withdrawal+cose", "XB", "XA daily"))
    desk.must(ending("kp-key-revocation+cose", "XA", "XA daily", "XA recovery"))

    told = desk.endorse("XC", proposal)

    assert ["lapsed", proposal.statement.id, "key.not-registered"] in told.facts
    waiting = Reader(desk.engine).state().get(PENDING, proposal.statement.id.hex())
    assert waiting is not None
    assert not waiting.raw
    again = statement("XD", "kp-endorsement+cose", {"statement": proposal.statement.id})
    assert code(desk.say(again)) == "endorsement.not-pending"


def test_what_a_thief_proposed_goes_with_the_stolen_key() -> None:
    desk = Desk()
    stolen = desk.must(ending("kp-key-withdrawal+cose", "XB", "XA daily"))
    desk.endorse("XD", desk.must(ending("kp-key-withdrawal+cose", "XC", "XB daily")))

    told = desk.endorse("XC", stolen)  # the thief's own word does not count either
    assert ["endorsed", stolen.statement.id, 1, 2] in told.facts
    told = desk.endorse("XD", stolen)

    assert ["lapsed", stolen.statement.id, "key.not-valid"] in told.facts
    assert held(desk, "XA daily") is not None
    desk.must(sample(3))


def test_an_edition_is_read_from_the_log_once_enough_agree() -> None:
    desk = Desk()
    named = {
        "name": "iso-list",
        "edition": "2026",
        "digest": hashlib.sha256(cbor.encode(ITEMS)).digest(),
        "items": ITEMS,
        "source": "a test",
    }
    proposal = desk.must(statement("XA", "kp-edition+cose", named))
    assert Reader(desk.engine).state().get(EDITIONS, "iso-list/2026") is None
    told = desk.endorse("XB", proposal)
    assert Reader(desk.engine).state().get(EDITIONS, "iso-list/2026") == [
        told.index,
        named["digest"],
        ITEMS,
    ]


def test_a_later_rule_version_stops_a_program_that_lacks_it() -> None:
    desk = Desk()
    proposal = desk.must(statement("XA", "kp-rules+cose", NEXT_RULES))
    desk.endorse("XB", proposal)
    assert ["rules.in-force", 2] in desk.endorse("XC", proposal).facts
    size = desk.log.size

    with pytest.raises(Upgrade, match="unknown-version"):
        desk.say(sample(1))
    assert desk.log.size == size


def test_time_is_logged_before_a_batch_and_moves_only_forward() -> None:
    desk = Desk()
    desk.clock.now = BEGAN + 60
    desk.must(sample(1))
    assert desk.log.size == 3
    desk.clock.now = BEGAN
    desk.must(sample(2))
    assert (desk.log.size, desk.log.time) == (4, BEGAN + 60)
    assert code(desk.say(statement(LOG, "kp-time+cose", {"at": BEGAN}))) == "time.back"


def test_an_operator_lets_time_go_on_after_a_long_silence() -> None:
    desk = Desk()
    later = BEGAN + 100_000
    desk.clock.now = later
    with pytest.raises(Unavailable, match="stood still"):
        desk.say(sample(1))
    named = {"at": later + 60, "reason": "the machine was off"}
    by_a_member = statement("XA", "kp-time-jump+cose", named, iat=later)
    assert code(desk.log.jump(by_a_member)) == "key.role"

    desk.log.jump(statement(OPERATOR, "kp-time-jump+cose", named, iat=later))
    desk.must(sample(1, iat=later))

    now = moment(Reader(desk.engine).state())
    assert now is not None
    assert (now.now, now.until) == (later, later + 600)


def test_a_trust_bundle_says_who_disowned_what() -> None:
    desk = Desk()
    stolen = desk.must(sample(1)).statement.id
    for holder in ("XB", "XA"):
        named = {
            "kid": key(f"{holder} daily").public.kid,
            "statements": [stolen],
            "reason": "signed by a thief",
        }
        desk.must(statement(holder, "kp-repudiation+cose", named, by=f"{holder} recovery"))
    told = bundle.gather(
        Reader(desk.engine).state(), desk.raws()[0], desk.checkpoint, version=1, expires=BEGAN
    )
    found = bundle.verify(bundle.sign(told, key("log")))
    assert found.contents.repudiated == {("XB", stolen): 2, ("XA", stolen): 3}


def test_a_batch_that_is_refused_whole_does_not_move_the_time() -> None:
    desk = Desk()
    desk.must(sample(1))
    desk.clock.now = BEGAN + 60
    assert code(desk.say(sample(1))) == "statement.duplicate"
    assert (desk.log.size, desk.log.time) == (2, BEGAN)
    assert desk.must(sample(2)).index == 3
    assert desk.log.time == BEGAN + 60


def test_the_log_goes_on_under_a_new_key_by_decision() -> None:
    """A drill of docs/security/key-ceremony.md: the log key is stolen, and nothing else is lost."""
    # Given a log whose key a thief has copied
    desk = Desk()
    desk.must(sample(1))
    old = desk.log.receipt(desk.must(sample(2)).index)

    # When enough holders admit another key of the log and end the stolen one
    fresh = new_key(LOG, "log 2", ["log"], typ="kp-key-admission+cose", signer="XA")
    desk.endorse("XB", desk.must(fresh))
    desk.endorse("XC", desk.must(ending("kp-key-withdrawal+cose", "XA", "log")))

    # Then the log writes no more with the old key
    desk.clock.now += 60
    with pytest.raises(Unavailable) as refused:
        desk.log.append([sample(3)])
    assert refused.value.code == "log.key-refused"

    # And goes on with the new one, from what the old one signed
    before = [each for each in log_keys(State(desk.engine), LOG) if each != key("log 2").public]
    guard = Guard(ORIGIN, key("log 2"), desk.memo, before)
    log = Log(desk.engine, Writer(desk.books, key("log 2"), LOG, guard, desk.clock))
    (told,) = log.append([raw := sample(3)])
    assert isinstance(told, Admitted)
    signed = log.checkpoint
    assert signed is not None
    assert checkpoints.open_(signed, key("log 2").public).size == log.size

    # And its receipts are by the new key, the old ones stay good, and an audit finds it whole
    facts = receipt.verify(log.receipt(told.index), raw, key("log 2").public, ORIGIN)
    assert facts.index == told.index
    assert receipt.verify(old, sample(2), key("log").public, ORIGIN).size < log.size
    found = audit(EngineCopy(desk.engine, signed), desk.books)
    assert found.size == log.size


def test_what_a_stolen_key_agreed_to_does_not_count_once_it_has_ended() -> None:
    # Given a decision that needs three, proposed by XA, to which a thief agrees with XB's key
    desk = Desk()
    proposal = desk.must(statement("XA", "kp-rules+cose", NEXT_RULES))
    assert ["endorsed", proposal.statement.id, 1, 3] in proposal.facts
    told = desk.endorse("XB", proposal)
    assert ["endorsed", proposal.statement.id, 2, 3] in told.facts

    # When XB ends that key
    desk.must(ending("kp-key-revocation+cose", "XB", "XB daily", "XB recovery"))

    # Then the next to agree is the second, and not the third
    told = desk.endorse("XC", proposal)
    assert ["endorsed", proposal.statement.id, 2, 3] in told.facts
    assert ["effective", proposal.statement.id] not in told.facts

    # And XB may agree for itself, once, with a key of its own
    desk.must(new_key("XB", "XB second", ["endorse", "issue"]))
    named = {"statement": proposal.statement.id}
    agreeing = statement("XB", "kp-endorsement+cose", named, by="XB second")
    told = desk.must(agreeing)
    assert ["endorsed", proposal.statement.id, 3, 3] in told.facts


def test_nobody_agrees_twice_with_two_keys() -> None:
    desk = Desk()
    proposal = desk.must(statement("XA", "kp-rules+cose", NEXT_RULES))
    desk.must(new_key("XA", "XA second", ["endorse", "issue"]))
    named = {"statement": proposal.statement.id}
    again = statement("XA", "kp-endorsement+cose", named, by="XA second")
    assert code(desk.say(again)) == "endorsement.twice"

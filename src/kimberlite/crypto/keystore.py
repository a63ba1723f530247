"""Keep signing keys and other secrets in encrypted files, one file each.

:class:`KeyStore` is the port; a hardware module fills it without files or passphrase.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from kimberlite.crypto import keyfile
from kimberlite.crypto.algorithms import Algorithm
from kimberlite.crypto.keyfile import MODERATE, Envelope, Header, Strength
from kimberlite.crypto.keys import Ed25519PrivateKey, Esp256PrivateKey, PrivateKey
from kimberlite.crypto.random import token
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Conflict, Invalid, NotFound, Problem, Unavailable, Untrusted

SoftwareKey: TypeAlias = Ed25519PrivateKey | Esp256PrivateKey

_LABEL: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}", re.ASCII)
_SIGN: Final = "sign"
_SECRET: Final = "secret"  # noqa: S105 - a kind of file, not a password
_SUFFIX: Final = {_SIGN: ".key", _SECRET: ".secret"}
_SALT_BYTES: Final = 16


class KeyStore(Protocol):
    """Find signing keys by label."""

    def load(self, label: str) -> PrivateKey:
        """Return the signing key called ``label``, ready to sign."""

    def labels(self) -> tuple[str, ...]:
        """List the labels of all signing keys, sorted."""


class FileKeyStore:
    """Signing keys and secrets under one passphrase in one folder.

    Labels are 1 to 63 of ``a-z 0-9 . _ -``, starting with a letter or digit. All methods raise
    Invalid ``keystore.label`` for another label, Unavailable ``keystore.disk`` when the folder
    cannot be read or written, and Unavailable ``keystore.memory``.

    Args:
        folder: made on first write, mode 0700; files have mode 0600.
        passphrase: never empty.
        strength: for new files; each file remembers its own.
    """

    __slots__ = ("_derived", "_folder", "_passphrase", "_salt", "_strength")

    def __init__(self, folder: Path, passphrase: str, *, strength: Strength = MODERATE) -> None:
        self._folder = folder
        self._passphrase = passphrase
        self._strength = strength
        # Files of one store share a salt and so one derivation a process: whoever guesses the
        # passphrase of one file has them all anyway, and 24-byte random nonces keep them apart.
        self._salt: bytes | None = None
        self._derived: dict[tuple[bytes, Strength], bytes] = {}

    def labels(self) -> tuple[str, ...]:
        """List the labels of all signing keys, sorted."""
        return self._labels(_SIGN)

    def secret_labels(self) -> tuple[str, ...]:
        """List the labels of all other secrets, sorted."""
        return self._labels(_SECRET)

    def store(self, label: str, key: SoftwareKey) -> None:
        """Keep a signing key; never replaces one.

        Raises:
            Conflict: ``keystore.exists``.
            Untrusted: ``keystore.passphrase`` when the folder's keys have another passphrase.
        """
        self._write(_SIGN, label, cbor.encode([int(key.public.algorithm), key.export_secret()]))

    def load(self, label: str) -> SoftwareKey:
        """Return the signing key called ``label``.

        Raises:
            NotFound: ``keystore.missing``.
            Untrusted: ``keystore.passphrase``, ``keystore.damaged``.
        """
        return _signing_key(self._read(_SIGN, label))

    def store_secret(self, label: str, secret: bytes) -> None:
        """Keep up to 4096 secret bytes, an HPKE private key for example; never replaces any.

        Raises:
            Invalid: ``keystore.size``.
            Conflict: ``keystore.exists``.
            Untrusted: ``keystore.passphrase`` when the folder's keys have another passphrase.
        """
        self._write(_SECRET, label, secret)

    def load_secret(self, label: str) -> bytes:
        """Return the secret called ``label``.

        Raises:
            NotFound: ``keystore.missing``.
            Untrusted: ``keystore.passphrase``, ``keystore.damaged``.
        """
        return self._read(_SECRET, label)

    def _labels(self, kind: str) -> tuple[str, ...]:
        suffix = _SUFFIX[kind]
        try:
            names = [each.name for each in self._folder.iterdir()]
        except FileNotFoundError:
            return ()
        except OSError as bad:
            raise _disk(bad) from None
        found = [name.removesuffix(suffix) for name in names if name.endswith(suffix)]
        return tuple(sorted(each for each in found if _LABEL.fullmatch(each)))

    def _path(self, kind: str, label: str) -> Path:
        if _LABEL.fullmatch(label) is None:
            raise Invalid(
                "keystore.label", "a key label is 1 to 63 of a-z, 0-9, dot, dash and underscore"
            )
        return self._folder / (label + _SUFFIX[kind])

    def _key(self, salt: bytes, strength: Strength) -> bytes:
        found = self._derived.get((salt, strength))
        if found is None:
            found = keyfile.derive(self._passphrase, salt, strength)
            self._derived[salt, strength] = found
        return found

    def _read(self, kind: str, label: str) -> bytes:
        path = self._path(kind, label)
        try:
            with path.open("rb") as file:
                data = file.read(keyfile.MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            raise NotFound(
                "keystore.missing", "there is no key of this name", label=label
            ) from None
        except OSError as bad:
            raise _disk(bad) from None
        envelope = keyfile.read(data)
        if (envelope.header.kind, envelope.header.label) != (kind, label):
            raise Untrusted("keystore.damaged", "the key file holds another key than its name says")
        return self._open(envelope)

    def _open(self, envelope: Envelope) -> bytes:
        salt, strength = envelope.header.salt, envelope.header.strength
        secret = keyfile.unseal(envelope, self._key(salt, strength))
        if strength == self._strength:
            self._salt = salt
        return secret

    def _write(self, kind: str, label: str, secret: bytes) -> None:
        path = self._path(kind, label)
        if path.exists():
            raise _exists(label)
        if self._salt is None:
            self._check_passphrase()
        salt = self._salt or token(_SALT_BYTES)
        header = Header(kind, label, self._strength, salt)
        data = keyfile.seal(header, secret, self._key(salt, self._strength))
        self._salt = salt
        try:
            _write_new(path, data)
        except FileExistsError:
            raise _exists(label) from None
        except OSError as bad:
            raise _disk(bad) from None

    def _check_passphrase(self) -> None:
        """Open one key already here, so that a slip does not lock a new key away for good."""
        for kind in (_SIGN, _SECRET):
            for label in self._labels(kind)[:1]:
                self._read(kind, label)


def _signing_key(secret: bytes) -> SoftwareKey:
    try:
        match cbor.decode(secret):
            case [Algorithm.ED25519, bytes(seed)]:
                return Ed25519PrivateKey(seed)
            case [Algorithm.ESP256, bytes(scalar)]:
                return Esp256PrivateKey(scalar)
            case _:
                pass
    except Problem:
        pass
    raise Untrusted("keystore.damaged", "the key file opens but holds no key of a known kind")


def _write_new(path: Path, data: bytes) -> None:
    """Write a whole new file or none: linked to its name only when safely on disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{token(8).hex()}")
    try:
        # 0600 from the first moment: a later chmod would leave a gap.
        number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _name(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    number = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _name(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:
        # A USB stick's file system has no hard links; the small race there is accepted.
        if path.exists():
            raise FileExistsError from None
        draft.rename(path)


def _exists(label: str) -> Conflict:
    return Conflict("keystore.exists", "a key of this name is already here", label=label)


def _disk(bad: OSError) -> Unavailable:
    reason = bad.strerror or "unknown reason"
    return Unavailable("keystore.disk", f"the key store cannot be read or written: {reason}")

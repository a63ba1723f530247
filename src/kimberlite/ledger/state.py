"""What replay has made so far: tables of small records, read through and written in one piece.

A fold writes here; the engine makes the writes of a whole batch durable together with the entries
that caused them. Small tables stay in memory once read; large ones (one record a certificate) are
fetched record by record, so that memory does not grow with the years.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from kimberlite.kernel import cbor

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Table(Generic[Row]):
    """One table of the state. ``name`` is unique; ``resident`` tables are kept in memory.

    ``to_value`` and ``from_value`` turn a row into what CBOR can hold and back.
    """

    name: str
    to_value: Callable[[Row], Any]
    from_value: Callable[[Any], Row]
    resident: bool = True

    def read(self, raw: bytes) -> Row:
        """Give the row that ``raw`` holds, however long it has grown.

        A row adds up many statements, so the limits of what comes from outside are not its own:
        one that could be written and not read would stop every replay.
        """
        return self.from_value(cbor.decode(raw, limit=len(raw)))


class Rows(Protocol):
    """Where rows rest between batches: the engine's side of the state."""

    def row(self, table: str, key: str) -> bytes | None:
        """Give one row's bytes, or None."""

    def some(self, table: str, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Give those of the rows under ``keys`` that there are."""

    def rows(self, table: str) -> Iterable[tuple[str, bytes]]:
        """Give a table's rows in order of key."""

    def indexes(self, ids: Sequence[bytes]) -> Mapping[bytes, int]:
        """Give where statements stand, for those of ``ids`` that are in the log."""


class State:
    """The tables as of one entry. ``get`` and ``scan`` see what this batch has put so far."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._resident: dict[str, dict[str, Any]] = {}
        self._put: dict[tuple[str, str], Any] = {}
        self._ahead: dict[tuple[str, str], Any] = {}
        self._tables: dict[str, Table[Any]] = {}
        self._indexes: dict[bytes, int | None] = {}

    def expect(self, ids: Sequence[bytes]) -> None:
        """Look up at once where these statements stand, to spare ``index_of`` many singles."""
        found = self._rows.indexes(ids)
        self._indexes.update((each, found.get(each)) for each in ids)

    def fetch(self, table: Table[Row], keys: Iterable[str]) -> None:
        """Look up at once the rows under ``keys``, to spare ``get`` many singles.

        They are held until ``settle``, ``undo`` or ``forget``: for the one writer's batch, and
        never for a reader, whose log others move.
        """
        if not table.resident:
            wanted = list(dict.fromkeys(keys))
            found = self._rows.some(table.name, wanted)
            for key in wanted:
                raw = found.get(key)
                row = None if raw is None else table.read(raw)
                self._ahead[table.name, key] = row

    def index_of(self, statement: bytes) -> int | None:
        """Give the index at which a statement was admitted, or None."""
        if statement not in self._indexes:
            self.expect((statement,))
        return self._indexes[statement]

    def enter(self, statement: bytes, index: int) -> None:
        """Take it that ``statement`` stands at ``index``."""
        self._indexes[statement] = index

    def get(self, table: Table[Row], key: str) -> Row | None:
        """Give the row under ``key``, or None."""
        row: Row | None
        if table.resident:
            row = (self._resident.get(table.name) or self._whole(table)).get(key)
            return row
        at = (table.name, key)
        if at in self._put:
            row = self._put[at]
            return row
        if at in self._ahead:
            row = self._ahead[at]
            return row
        raw = self._rows.row(table.name, key)
        return None if raw is None else table.read(raw)

    def put(self, table: Table[Row], key: str, row: Row) -> None:
        """Set the row under ``key``."""
        if table.resident:
            self._whole(table)[key] = row
        self._put[table.name, key] = row
        self._tables[table.name] = table

    def scan(self, table: Table[Row]) -> Iterator[tuple[str, Row]]:
        """Give a resident table's rows in order of key."""
        whole = self._whole(table)
        return ((key, whole[key]) for key in sorted(whole))

    def changes(self) -> list[tuple[str, str, bytes]]:
        """Give what has been put since the last ``settle``: table, key, encoded row."""
        return [
            (name, key, cbor.encode(self._tables[name].to_value(row)))
            for (name, key), row in self._put.items()
        ]

    def settle(self) -> None:
        """Take it that the engine now holds every change."""
        self._end()

    def undo(self) -> None:
        """Take back every change since the last ``settle``, while the engine has not moved."""
        for name, _ in self._put:
            self._resident.pop(name, None)
        self._end()

    def forget(self) -> None:
        """Drop every change and every cached row, after a write that failed."""
        self._end()
        self._resident.clear()

    def _end(self) -> None:
        """Let go of everything that was for one batch."""
        self._put.clear()
        self._ahead.clear()
        self._indexes.clear()

    def _whole(self, table: Table[Row]) -> dict[str, Any]:
        found = self._resident.get(table.name)
        if found is None:
            found = {k: table.read(v) for k, v in self._rows.rows(table.name)}
            self._resident[table.name] = found
        return found

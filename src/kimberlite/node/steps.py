"""Migrations of the operational store beyond its acts: stock of forms, batches, scans.

A step runs once, in order, ever; none is edited after it was released. The holder stands on every
row. Movements are a ledger: they are added, never changed, and holdings follow from them.
"""

from __future__ import annotations

from typing import Final

STOCK: Final = """
CREATE TABLE stock_movement (
    holder TEXT NOT NULL, id INTEGER NOT NULL, at INTEGER NOT NULL, officer TEXT NOT NULL,
    kind TEXT NOT NULL, prefix TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    width INTEGER NOT NULL, was_state TEXT NOT NULL, was_office TEXT NOT NULL,
    state TEXT NOT NULL, office TEXT NOT NULL, why TEXT NOT NULL, act INTEGER, undoes INTEGER,
    PRIMARY KEY (holder, id), UNIQUE (holder, undoes), CHECK (first <= last)) STRICT;
CREATE INDEX stock_movement_at ON stock_movement (holder, at);
CREATE INDEX stock_movement_act ON stock_movement (holder, act);
CREATE TRIGGER stock_movement_stays BEFORE UPDATE ON stock_movement
    BEGIN SELECT RAISE(ABORT, 'a movement never changes: add its counter-entry'); END;
CREATE TRIGGER stock_movement_remains BEFORE DELETE ON stock_movement
    BEGIN SELECT RAISE(ABORT, 'a movement never goes: add its counter-entry'); END;
CREATE TABLE stock_holding (
    holder TEXT NOT NULL, prefix TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    width INTEGER NOT NULL, state TEXT NOT NULL, office TEXT NOT NULL,
    PRIMARY KEY (holder, prefix, first), CHECK (first <= last)) STRICT"""

INTAKE: Final = """
CREATE TABLE batch (
    holder TEXT NOT NULL, id INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    digest BLOB NOT NULL, at INTEGER NOT NULL, officer TEXT NOT NULL, rows INTEGER NOT NULL,
    PRIMARY KEY (holder, id)) STRICT;
CREATE INDEX batch_digest ON batch (holder, kind, digest);
CREATE TABLE batch_act (
    holder TEXT NOT NULL, batch INTEGER NOT NULL, row INTEGER NOT NULL, act INTEGER NOT NULL,
    number TEXT NOT NULL, follows INTEGER, PRIMARY KEY (holder, act),
    FOREIGN KEY (holder, batch) REFERENCES batch (holder, id),
    FOREIGN KEY (holder, act) REFERENCES act (holder, id)) STRICT;
CREATE INDEX batch_act_batch ON batch_act (holder, batch, row);
CREATE INDEX batch_act_number ON batch_act (holder, number);
CREATE TABLE scan (
    holder TEXT NOT NULL, id INTEGER NOT NULL, digest BLOB NOT NULL, name TEXT NOT NULL,
    form TEXT NOT NULL, at INTEGER NOT NULL, officer TEXT NOT NULL, number TEXT NOT NULL,
    by TEXT NOT NULL, act INTEGER, PRIMARY KEY (holder, id), UNIQUE (holder, digest)) STRICT;
CREATE INDEX scan_number ON scan (holder, number)"""

"""Storey 1: places that keep bytes: SQLite, files written whole, the vault. No domain table."""

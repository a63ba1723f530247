"""Engines that keep one log: the port, SQLite (default) and memory (tests, cases)."""

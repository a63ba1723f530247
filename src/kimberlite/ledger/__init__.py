"""Statements, tree, log, checkpoints and receipts; knows no diamonds."""

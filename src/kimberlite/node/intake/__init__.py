"""Bulk intake: a national system's file is read, mapped, checked row by row, and applied whole.

Nothing is guessed: what could mean two things is refused, with row, column and a stable code.
Nothing is half applied: every row becomes an act in one transaction, or none does.
"""

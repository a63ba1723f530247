"""Who sees what, and when: the matrix and the questions that every exit asks of it."""

from kimberlite.certificates.visibility.asking import (
    letter_of,
    may_open,
    may_see,
    moment_of,
    part_of,
    role_of,
    sharers,
)
from kimberlite.certificates.visibility.matrix import (
    CLOSED,
    ROWS,
    Answer,
    Moment,
    Part,
    Policy,
    Role,
    Row,
)

__all__ = [
    "CLOSED",
    "ROWS",
    "Answer",
    "Moment",
    "Part",
    "Policy",
    "Role",
    "Row",
    "letter_of",
    "may_open",
    "may_see",
    "moment_of",
    "part_of",
    "role_of",
    "sharers",
]

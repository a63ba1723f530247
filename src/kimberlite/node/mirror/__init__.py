"""Authority nodes beside a log node: follow the log, hand statements in, carry sealed openings."""

"""The command line: one module a room."""

"""Pages for people, one module a room."""

"""The JSON API, one module a room."""

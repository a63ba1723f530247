"""Kimberlite: the Kimberley Process Certification Scheme, running as software."""

__version__ = "0.1.0"

"""Who is who, who may sign and who may trade, as of any day."""

from kimberlite.registry.read import Registry

__all__ = ["Registry"]

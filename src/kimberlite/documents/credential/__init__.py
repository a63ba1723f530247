"""The certificate for other systems: a credential and a view, both derived from the statement."""

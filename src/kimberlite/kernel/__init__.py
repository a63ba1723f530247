"""Storey 0: words that all rooms share. Pure, standard library only."""

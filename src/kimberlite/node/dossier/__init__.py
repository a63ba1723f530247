"""A certificate's whole file with its proofs: made for one asker, checked by anyone offline."""

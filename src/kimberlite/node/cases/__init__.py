"""The dated histories of real cases, asked anew: what is decided on each day, and on what ground.

A log of its own is founded in memory, the real record enters on the days on which it became
public, and hypothetical shipments are put to the rules that signer and destination use.
"""

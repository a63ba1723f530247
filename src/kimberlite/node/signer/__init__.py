"""The signer: a process of its own that holds an authority's keys and decides for itself.

Others can ask it to sign and never get a key. docs/spec/signer.md says what it checks.
"""

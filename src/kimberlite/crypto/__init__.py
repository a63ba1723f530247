"""Sign, verify, hash, seal and keep keys; the sole user of cryptographic libraries."""

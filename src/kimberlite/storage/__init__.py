"""SQLite transactions, the vault and the operational store; no domain table."""

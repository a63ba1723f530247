"""The check that runs in a browser, without a network: its files, as they are served."""

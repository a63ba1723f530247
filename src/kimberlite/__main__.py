"""`python -m kimberlite` is the command line."""

from kimberlite.cli.main import main

main()

"""Runs the command line for `python -m offer_sandbox`."""

from offer_sandbox.cli import main

if __name__ == "__main__":
    raise SystemExit(main())

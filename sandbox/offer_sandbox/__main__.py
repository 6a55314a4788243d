"""`python -m offer_sandbox`; calls the command line and nothing else."""

from offer_sandbox.cli import main

if __name__ == "__main__":
    raise SystemExit(main())

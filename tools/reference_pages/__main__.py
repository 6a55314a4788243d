"""Writes the pages of `docs/reference`, or checks that they are fresh."""

import argparse
import sys

from reference_pages.pages import stale, write

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--check", action="store_true", help="write nothing, fail if a page is stale")
if parser.parse_args().check:
    sys.exit(f"stale: {', '.join(found)} (run `make reference`)" if (found := stale()) else 0)
write()

"""Finds the folders beside the package: `fixtures`, `specs` and `scenarios`; reads no file of theirs."""

import sys
from functools import cache
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[2]


@cache
def bundled(folder: str) -> Path:
    """The path of one of them.

    A checkout (also an editable install) has them beside `sandbox/`; a wheel puts them below the
    environment's `share/offer-sandbox/`. Raises FileNotFoundError when neither is there.
    """
    for root in _roots():
        if (root / folder).is_dir():
            return root / folder
    raise FileNotFoundError(f"the folder {folder!r} of offer-sandbox was not installed with it")


def _roots() -> list[Path]:
    """The checkout, then every place where pip puts a wheel's data files (`--user` and `--target` too)."""
    installed = [Path(sys.prefix), *Path(__file__).resolve().parents[1:6]]
    checkout = [_CHECKOUT] if (_CHECKOUT / "pyproject.toml").is_file() else []
    return checkout + [prefix / "share" / "offer-sandbox" for prefix in installed]

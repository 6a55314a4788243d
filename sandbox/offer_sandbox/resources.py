"""Finds the folders that are installed with the package: `fixtures`, `specs` and `scenarios`."""

import sys
from functools import cache
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[2]


@cache
def bundled(folder: str) -> Path:
    """Returns the path of one of these folders.

    A checkout (also an editable install) has them next to `sandbox/`. A wheel installs them below the
    environment's `share/offer-sandbox/`. Raises FileNotFoundError if the folder is in neither place.
    """
    for root in _roots():
        if (root / folder).is_dir():
            return root / folder
    raise FileNotFoundError(f"the folder {folder!r} is missing from this installation of offer-sandbox")


def _roots() -> list[Path]:
    """Returns the checkout and all places where pip puts a wheel's data files (also with `--user`, `--target`)."""
    installed = [Path(sys.prefix), *Path(__file__).resolve().parents[1:6]]
    checkout = [_CHECKOUT] if (_CHECKOUT / "pyproject.toml").is_file() else []
    return checkout + [prefix / "share" / "offer-sandbox" for prefix in installed]

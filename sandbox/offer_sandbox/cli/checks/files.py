"""Checks that the files installed with the package exist and belong to the same version."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from offer_sandbox.cli.checks import Check, ok, wrong
from offer_sandbox.contract import Provider
from offer_sandbox.resources import bundled

_REMEDY = "reinstall offer-sandbox"
_CATALOGUE = "catalog.json"


def checks(known: Mapping[str, Provider]) -> Iterator[Check]:
    """Checks fixtures, specs and scenarios, then compares the catalogue with the code."""
    each = [f"{name}.json" for name in known]
    schemas = [provider.sdl for provider in known.values() if provider.protocol == "graphql"]
    yield _folder("fixtures", each)
    yield _folder("specs", [*each, *schemas, _CATALOGUE])
    yield _folder("scenarios", [])
    yield _catalogue(known)


def _folder(name: str, demanded: list[str]) -> Check:
    """Checks that a folder has at least these files, and that every file in it can be read."""
    try:
        folder = bundled(name)
        paths = sorted(path for path in folder.iterdir() if path.is_file())
        for path in paths:
            _read(path)
    except (OSError, ValueError) as error:
        return wrong(name, str(error), _REMEDY)
    missing = sorted(set(demanded) - {path.name for path in paths})
    if missing or not paths:
        return wrong(name, f"{folder} does not contain {', '.join(missing or ['any files'])}", _REMEDY)
    return ok(name, f"{len(paths)} files in {folder}")


def _read(path: Path) -> None:
    """Raises OSError if the file cannot be read, and ValueError if it is not UTF-8 or a .json file is not JSON."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            json.loads(text)
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from None


def _catalogue(known: Mapping[str, Provider]) -> Check:
    """Checks that the catalogue lists exactly the outcomes in the code."""
    code = {f"{name}.{operation}.{each}" for name in known for operation, each in known[name].outcomes}
    try:
        listed = {
            str(entry["id"]) for entry in json.loads((bundled("specs") / _CATALOGUE).read_bytes())["outcomes"]
        }
    except (OSError, ValueError, LookupError, TypeError) as error:
        return wrong("catalogue", f"the file cannot be read: {error}", _REMEDY)
    if listed != code:
        return wrong("catalogue", f"{len(listed ^ code)} outcomes differ from those of this program", _REMEDY)
    return ok("catalogue", f"{len(code)} outcomes of {', '.join(sorted(known))}")

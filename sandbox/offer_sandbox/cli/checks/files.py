"""Whether the files that travel with the package are there and are of the same version; reads no store."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from offer_sandbox.cli.checks import Check, ok, wrong
from offer_sandbox.contract import Provider
from offer_sandbox.resources import bundled

_REMEDY = "install offer-sandbox again"
_CATALOGUE = "catalog.json"


def checks(known: Mapping[str, Provider]) -> Iterator[Check]:
    """Fixtures, specs and scenarios, then the catalogue against the code."""
    each = [f"{name}.json" for name in known]
    schemas = [provider.sdl for provider in known.values() if provider.protocol == "graphql"]
    yield _folder("fixtures", each)
    yield _folder("specs", [*each, *schemas, _CATALOGUE])
    yield _folder("scenarios", [])
    yield _catalogue(known)


def _folder(name: str, demanded: list[str]) -> Check:
    """A folder with at least these files, each of which can be read."""
    try:
        folder = bundled(name)
        paths = sorted(path for path in folder.iterdir() if path.is_file())
        for path in paths:
            _read(path)
    except (OSError, ValueError) as error:
        return wrong(name, str(error), _REMEDY)
    missing = sorted(set(demanded) - {path.name for path in paths})
    if missing or not paths:
        return wrong(name, f"{folder} has no {' and no '.join(missing or ['file'])}", _REMEDY)
    return ok(name, f"{len(paths)} files in {folder}")


def _read(path: Path) -> None:
    """Raises OSError or ValueError for a file that is not what its name says."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            json.loads(text)
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from None


def _catalogue(known: Mapping[str, Provider]) -> Check:
    """Whether it lists the outcomes that the code has."""
    code = {f"{name}.{operation}.{each}" for name in known for operation, each in known[name].outcomes}
    try:
        listed = {
            str(entry["id"]) for entry in json.loads((bundled("specs") / _CATALOGUE).read_bytes())["outcomes"]
        }
    except (OSError, ValueError, LookupError, TypeError) as error:
        return wrong("catalogue", f"it cannot be read: {error}", _REMEDY)
    if listed != code:
        return wrong("catalogue", f"{len(listed ^ code)} outcomes are not those of the program", _REMEDY)
    return ok("catalogue", f"{len(code)} outcomes of {', '.join(sorted(known))}")

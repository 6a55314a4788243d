"""Writes the initial records of each provider as `fixtures/<provider>.json`."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from offer_sandbox.contract import Provider
from offer_sandbox.schemas.validator import validator_for
from offer_sandbox.world.json_codec import dump


def texts(providers: Iterable[Provider], seed: int) -> dict[str, str]:
    """Returns the contents of the files by file name, each with a provider's initial records for the seed. The
    same seed always produces the same bytes."""
    return {f"{provider.name}.json": pretty(provider.parts.fixtures(seed)) for provider in providers}


def pretty(value: Any) -> str:
    """Returns JSON that is easy to review: indented, keys in their original order, a line feed at the end."""
    return json.dumps(json.loads(dump(value)), indent=2, ensure_ascii=False) + "\n"


def complaints(provider: Provider, world: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    """Returns the errors that the provider's schemas find in its initial records."""
    found = []
    for collection, records in world.items():
        record_validator = validator_for(provider.parts.records[collection])
        for index, record in enumerate(records):
            found += [
                f"{provider.name}.{collection}[{index}] {issue}" for issue in record_validator.issues(record)
            ]
    return found


def differing(folder: Path, contents: Mapping[str, str]) -> list[str]:
    """Returns the names of files that are missing or have different content."""
    return [name for name, text in contents.items() if not _holds(folder / name, text)]


def write(folder: Path, contents: Mapping[str, str]) -> None:
    """Writes the files and creates the folder if it does not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in contents.items():
        (folder / name).write_text(text, encoding="utf-8")


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text

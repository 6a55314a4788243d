"""Writes the seeded worlds as `fixtures/<provider>.json`; builds none itself."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from offer_sandbox.contract import Provider
from offer_sandbox.schemas.validator import validator_for
from offer_sandbox.world.json_codec import dump


def texts(providers: Iterable[Provider], seed: int) -> dict[str, str]:
    """File name to content: a provider's world for the seed, the same seed always the same bytes."""
    return {f"{provider.name}.json": pretty(provider.parts.fixtures(seed)) for provider in providers}


def pretty(value: Any) -> str:
    """JSON that is pleasant to review: indented, keys in the order they were made, a line feed at the end."""
    return json.dumps(json.loads(dump(value)), indent=2, ensure_ascii=False) + "\n"


def complaints(provider: Provider, world: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    """What the provider's schemas find wrong with a seeded world."""
    found = []
    for collection, records in world.items():
        record_validator = validator_for(provider.parts.records[collection])
        for index, record in enumerate(records):
            found += [
                f"{provider.name}.{collection}[{index}] {issue}" for issue in record_validator.issues(record)
            ]
    return found


def differing(folder: Path, contents: Mapping[str, str]) -> list[str]:
    """The names of files that are missing or hold something else."""
    return [name for name, text in contents.items() if not _holds(folder / name, text)]


def write(folder: Path, contents: Mapping[str, str]) -> None:
    """Writes the files; the folder is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in contents.items():
        (folder / name).write_text(text, encoding="utf-8")


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text

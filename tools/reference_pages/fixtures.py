"""The page of the initial records: each with its id, state and what it is about."""

import json
from typing import Any

from offer_sandbox.contract import Provider
from offer_sandbox.providers import providers
from offer_sandbox.resources import bundled
from reference_pages.markdown import cell, code, section, table

_MOST = 60  # records of a collection
_ABOUT = ("title", "headline", "customerName", "fullAddress", "listing_id", "name", "email", "store_id")


def page() -> str:
    """Returns the tables of every provider's records."""
    return "\n".join(section(each.title, *_collections(each)) for _, each in sorted(providers().items()))


def _collections(provider: Provider) -> list[str]:
    found = json.loads((bundled("fixtures") / f"{provider.name}.json").read_text())
    parts = []
    for kind in provider.visible:
        records = found.get(kind.name, [])
        rows = [
            (code(each[kind.key]), _state(kind.state(each) if kind.state else each.get("status")), _about(each))
            for each in records[:_MOST]
        ]
        more = f"The first {_MOST} of {len(records)}.\n" if len(records) > _MOST else ""
        parts += [f"\n### {provider.name}.{kind.name}\n", more, table(("Id", "State", "About"), rows)]
    return parts


def _state(state: object) -> str:
    return "-" if state is None else code(state)


def _about(record: dict[str, Any]) -> str:
    name = next((name for name in _ABOUT if isinstance(record.get(name), str | int)), None)
    if name is None:
        address = record.get("sandbox", {}).get("address", {})
        return cell(", ".join(str(each) for each in address.values())) if address else "-"
    return cell(record[name] if isinstance(record[name], str) else f"{name} {record[name]}")

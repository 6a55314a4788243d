"""The words in which a record's status may be named: its place in the state machine, and its own field for it."""

from marshmallow import validate

from offer_sandbox.contract import Provider
from offer_sandbox.world.collection import Collection, Document

_FIELDS = ("status", "offerStatus")


def present_statuses(kind: Collection, record: Document) -> list[str]:
    """What a record's status is now."""
    own = [str(record[name]) for name in _FIELDS if record.get(name) is not None]
    return list(dict.fromkeys([*([kind.state(record)] if kind.state else []), *own]))


def known_statuses(provider: Provider, kind: Collection) -> list[str]:
    """Every status that records of the collection can have; empty where the provider does not list them."""
    rows = [row for row in provider.parts.transitions if row.collection == kind.name]
    fields = provider.parts.records[kind.name].fields
    choices = [
        str(choice)
        for name in _FIELDS
        for validator in (fields[name].validators if name in fields else ())
        if isinstance(validator, validate.OneOf)
        for choice in validator.choices
    ]
    return list(dict.fromkeys([*choices, *(state for row in rows for state in (row.source, row.target))]))

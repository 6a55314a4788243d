"""Which fields of a record a call shows, and which it changes: each call has its own set."""

from marshmallow import Schema

from offer_sandbox.schemas.fields import Nested
from offer_sandbox.world.collection import Document


def shown(record: Document, shape: Schema) -> Document:
    """The fields of the shape, in its order, nested ones too; the record has them all."""
    return {
        name: shown(record[name], field.schema) if isinstance(field, Nested) else record[name]
        for name, field in shape.fields.items()
    }


def merged(record: Document, sent: Document, shape: Schema) -> Document:
    """The record with what was sent of the shape's fields; members of nested objects that are left out stay."""
    after = dict(record)
    for name, field in shape.fields.items():
        if name not in sent:
            continue
        after[name] = merged(record[name], sent[name], field.schema) if isinstance(field, Nested) else sent[name]
    return after

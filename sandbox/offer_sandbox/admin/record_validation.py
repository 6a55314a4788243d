"""Validates records that clients edit by hand, by their schema and by the limits of the store."""

from decimal import Decimal
from itertools import islice
from typing import Any

from marshmallow import Schema

from offer_sandbox.admin.http import unprocessable
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.schemas.validator import validator_for
from offer_sandbox.world.collection import Collection, Document

_MAX_TOLD = 10


def validated_records(value: Any, kind: Collection, schema: Schema | None, where: str) -> list[Document]:
    """Returns the records of an array, all with different ids. Raises ProblemDetailsError (422) with the first ten
    invalid records. `where` is the path of the array. Without a schema, a record must be an object whose key is a
    string."""
    if not isinstance(value, list):
        raise unprocessable(f"{where} must be an array of records")
    refused = ((index, found) for index, each in enumerate(value) if (found := record_errors(each, kind, schema)))
    messages = [f"{where}[{index}] {issue}" for index, found in islice(refused, _MAX_TOLD) for issue in found]
    if messages:
        raise invalid_records(messages)
    ids = [str(record[kind.key]) for record in value]
    if len(set(ids)) != len(ids):
        raise unprocessable(f"{where}: two records have the same {kind.key}")
    return value


def record_errors(record: Any, kind: Collection, schema: Schema | None, missing: str = "") -> list[str]:
    """Returns the first ten errors in a record. The list is empty if the record can be stored. `missing` is
    appended to errors about missing fields."""
    if schema is not None:
        record_validator = validator_for(schema)
        found = record_validator.exact_issues(record) if _pointed(record) else record_validator.issues(record)
        if found:
            return [f"{issue}{missing if issue.key == 'required' else ''}" for issue in found[:_MAX_TOLD]]
    if not isinstance(record, dict):
        return [": must be an object"]
    if schema is None and not isinstance(record.get(kind.key), str):
        return [f"{kind.key}: must be a string"]
    unstorable = kind.unstorable(record)
    return [unstorable] if unstorable else []


def _pointed(value: Any) -> bool:
    """Returns whether the value contains a whole number written with a decimal point, such as `3.0`."""
    if isinstance(value, dict | list):
        return any(map(_pointed, value.values() if isinstance(value, dict) else value))
    return isinstance(value, Decimal) and value == value.to_integral_value()


def invalid_records(found: list[str]) -> ProblemDetailsError:
    """Returns the 422 error for invalid records."""
    return unprocessable(found[0], problems=found)

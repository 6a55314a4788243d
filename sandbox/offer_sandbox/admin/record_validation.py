"""Validates records that clients edit by hand, by their schema and by the limits of the store."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import orjson
from marshmallow import Schema

from offer_sandbox.admin.http import unprocessable
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.contract.http import MAX_BODY_BYTES
from offer_sandbox.schemas.validator import validator_for
from offer_sandbox.world.collection import Collection, Document, Row
from offer_sandbox.world.json_codec import MAX_DEPTH, dump
from offer_sandbox.world.limits import MAX_RECORD_BYTES

MAX_DEPTH_STATE = MAX_DEPTH + 8  # a provider's limit, plus the list of records around it
_MAX_TOLD = 10
_LARGE = f": is larger than {MAX_RECORD_BYTES // MAX_BODY_BYTES} MiB"


class RecordReader:
    """Validates the records of an array one by one, and turns each into a row of the store.

    `where` is the path of the array. `prepared` returns a valid record as it is to be stored, and raises
    ProblemDetailsError for one without meaning. `plain` changes records before they are validated.
    """

    def __init__(
        self,
        kind: Collection,
        schema: Schema | None,
        where: str,
        prepared: Callable[[int, Document], Document] = lambda _, record: record,
        plain: Callable[[Any], Any] = lambda record: record,
    ) -> None:
        self._kind = kind
        self._schema = schema
        self._where = where
        self._prepared = prepared
        self._plain = plain
        self._refused = 0
        self._messages: list[str] = []

    def take(self, index: int, record: Any) -> Row | None:
        """Returns the row of a record, or None for an invalid record. Raises ProblemDetailsError (422) at the
        tenth invalid record, so that a large body of other values is not read to its end."""
        record = self._plain(record)
        if found := record_errors(record, self._kind, self._schema):
            self._refused += 1
            self._messages += [f"{self._where}[{index}] {issue}" for issue in found]
            if self._refused == _MAX_TOLD:
                raise invalid_records(self._messages)
            return None
        return self._kind.row(self._prepared(index, record))

    def rows(self, value: Any) -> list[Row]:
        """Returns the array of rows, all with different ids. Raises ProblemDetailsError (422) with the invalid
        records."""
        if not isinstance(value, list):
            raise unprocessable(f"{self._where} must be an array of records")
        if self._messages:
            raise invalid_records(self._messages)
        if len({row[0] for row in value}) != len(value):
            raise unprocessable(f"{self._where}: two records have the same {self._kind.key}")
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
    if unstorable := kind.unstorable(record):
        return [unstorable]
    return [_LARGE] if len(dump(record)) > MAX_RECORD_BYTES else []


def _pointed(value: Any) -> bool:
    """Returns whether the value may contain a whole number that is a Decimal, such as `3.0` or `1e300`."""
    try:
        orjson.dumps(value, default=_point)  # much faster than a walk through the values
    except orjson.JSONEncodeError:
        return True
    return False


def _point(value: Any) -> None:
    if not isinstance(value, Decimal) or value == value.to_integral_value():
        raise TypeError


def invalid_records(found: list[str]) -> ProblemDetailsError:
    """Returns the 422 error for invalid records."""
    return unprocessable(found[0], problems=found)

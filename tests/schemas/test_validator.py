"""The compiled schema and marshmallow give equal verdicts, and marshmallow's words carry stable keys."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError, fields, validates_schema

from offer_sandbox.providers import providers
from offer_sandbox.providers.ebay.schemas import CreateOffersRequest
from offer_sandbox.schemas.fields import (
    AnswerSchema,
    Boolean,
    Integer,
    List,
    Nested,
    Number,
    Object,
    RequestSchema,
    String,
    above,
    length,
    one_of,
    within,
)
from offer_sandbox.schemas.validator import Validator

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([10**30, 10**31, -(10**399), 2**63])
    | st.sampled_from(
        [Decimal("1.5"), "1", "", "DAY", "USD", "EBAY_US", "10", "PENDING", "2026-04-17T19:45:00.000Z\n"]
    )
    | st.text(max_size=5)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)


def schemas():
    """Every schema that a REST operation or a collection declares."""
    for provider in providers().values():
        for operation in provider.parts.operations:
            yield from filter(
                None, (operation.body, operation.query, operation.headers, *operation.answers.values())
            )
        yield from provider.parts.records.values()


def name(schema):
    """A schema's class with its provider, since two may use the same word."""
    return f"{type(schema).__module__.removeprefix('offer_sandbox.providers.')}.{type(schema).__name__}"


def values(schema):
    """JSON that looks like the schema's: its fields, present or not, right or wrong."""
    fields = {}
    for name, field in schema.fields.items():
        inner = getattr(field, "inner", field)
        value = values(inner.schema) if isinstance(inner, Nested) else LEAVES
        fields[field.data_key or name] = (
            st.lists(value | LEAVES, max_size=2) | LEAVES if inner is not field else value | LEAVES
        )
    return st.fixed_dictionaries({}, optional={**fields, "unknown": LEAVES})


@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("schema", {name(each): each for each in schemas()}.values(), ids=lambda each: name(each))
@given(data=st.data())
def test_equal_verdicts(schema, data):
    value = data.draw(values(schema))
    assert Validator(schema).accepts(value) == (not schema.validate(value))


class Inner(AnswerSchema):
    """An object inside another."""

    size = Integer(required=True)


class Outer(AnswerSchema):
    """One field of each kind."""

    name = String(required=True)
    size = Integer()
    price = Number()
    fits = Boolean()
    extra = Object()
    colour = String(validate=one_of("red", "blue"), allow_none=True)
    inner = Nested(Inner)
    many = List(Nested(Inner), maximum=1000)


@pytest.mark.parametrize(
    ("changed", "path", "key"),
    [
        ({"name": None}, ("name",), "type"),
        ({"name": 5}, ("name",), "type"),
        ({"size": "1"}, ("size",), "type"),
        ({"size": True}, ("size",), "type"),
        ({"size": Decimal("1.5")}, ("size",), "type"),
        ({"price": True}, ("price",), "type"),
        ({"price": "1.5"}, ("price",), "type"),
        ({"fits": 1}, ("fits",), "type"),
        ({"fits": "true"}, ("fits",), "type"),
        ({"colour": "green"}, ("colour",), "one_of"),
        ({"inner": []}, ("inner",), "type"),
        ({"inner": {}}, ("inner", "size"), "required"),
        ({"many": {}}, ("many",), "type"),
        ({"many": [{"size": 1}, {"size": "x"}]}, ("many", 1, "size"), "type"),
        ({"many": [5]}, ("many", 0), "type"),
        ({"other": 1}, ("other",), "unknown"),
    ],
)
def test_a_flaw_names_place_and_rule(changed, path, key):
    checker = Validator(Outer())
    [flaw] = checker.issues({"name": "x", **changed})
    assert (flaw.path, flaw.key) == (path, key)
    assert flaw.text


def test_what_is_right_has_no_flaws():
    right = {"name": "x", "size": 1, "price": Decimal("1.5"), "fits": False, "colour": None, "many": [{"size": 2}]}
    assert Validator(Outer()).issues(right) == []


def test_a_count_that_was_written_with_a_point():
    """JSON Schema takes it for a whole number; the code behind an Integer may not."""
    counted = {"name": "x", "size": Decimal("3.0")}
    [flaw] = Validator(Outer()).exact_issues(counted)
    assert (flaw.path, flaw.key) == (("size",), "type")
    assert Validator(Outer()).exact_issues({"name": "x", "price": Decimal("3.0")}) == []


def test_a_value_that_is_no_object():
    [flaw] = Validator(Outer()).issues([])
    assert (flaw.path, flaw.key) == ((), "type")


def test_unknown_fields_of_a_request_are_accepted():
    class Asked(RequestSchema):
        name = String()

    assert Validator(Asked()).issues({"other": 1}) == []


def test_flaws_come_in_the_order_of_the_schema():
    wrong = {"offeredItems": 5, "message": 5, "allowCounterOffer": 5}
    paths = [flaw.path[0] for flaw in Validator(CreateOffersRequest()).issues(wrong)]
    assert paths == ["allowCounterOffer", "message", "offeredItems"]


@pytest.mark.parametrize(("value", "fits"), [(0, False), (Decimal("0.01"), True), (-1, False), (1, True)])
def test_an_open_range_leaves_its_end_out(value, fits):
    class Priced(AnswerSchema):
        price = Number(validate=above(0))

    assert Validator(Priced()).accepts({"price": value}) is fits
    assert (not Priced().validate({"price": value})) is fits


@pytest.mark.parametrize(
    ("rule", "value", "told"),
    [
        (length(2, 2), "abc", "its length must be 2"),
        (length(2, 3), "a", "its length must be between 2 and 3"),
        (length(longest=3), "abcd", "its length must be at most 3"),
        (within(4, 4), 5, "must be 4"),
    ],
)
def test_a_rule_names_what_it_allows(rule, value, told):
    class Ruled(AnswerSchema):
        field = (Number if isinstance(value, int) else String)(validate=rule)

    [flaw] = Validator(Ruled()).issues({"field": value})
    assert flaw.text == told


def test_what_json_schema_cannot_say_is_left_to_marshmallow():
    class Hooked(AnswerSchema):
        one = Integer()
        other = Integer()

        @validates_schema
        def together(self, data, **_):
            if data.get("one") == data.get("other"):
                raise ValidationError("they are equal")

    class Odd(AnswerSchema):
        when = fields.DateTime()

    assert not Validator(Hooked()).accepts({"one": 1, "other": 1})
    assert Validator(Hooked()).accepts({"one": 1, "other": 2})
    assert not Validator(Odd()).accepts({"when": "soon"})


def test_an_array_that_is_too_long_is_refused_as_a_whole():
    flaws = Validator(Outer()).issues({"name": "x", "many": [{}] * 300_000})
    assert [(flaw.path, flaw.key) for flaw in flaws] == [(("many",), "length")]


def lists(schema):
    """Every array field of a schema, at any depth."""
    for field in schema.fields.values():
        inner = getattr(field, "inner", field)
        if isinstance(field, fields.List):
            yield field
        if isinstance(inner, fields.Nested):
            yield from lists(inner.schema)


def test_every_array_that_a_client_sends_is_bounded():
    bodies = [each.body for provider in providers().values() for each in provider.parts.operations if each.body]
    for field in (field for body in bodies for field in lists(body)):
        assert any(getattr(each, "max", None) for each in field.validators), field.name

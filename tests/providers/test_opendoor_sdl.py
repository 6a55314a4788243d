"""Opendoor's SDL: it describes everything, older parsers can read it, and it agrees with the stored records."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    parse,
)
from graphql.language import SchemaDefinitionNode
from marshmallow import Schema

from offer_sandbox.exchange.graphql import document
from offer_sandbox.providers.opendoor.behaviour import (
    BASE_DOLLARS,
    CLOSING_PERCENT,
    DAYS_OPEN,
    DEFAULT_SQUARE_FEET,
    DOLLARS_A_SQUARE_FOOT,
    FEE_PERCENT,
    MAX_SQUARE_FEET,
    VARIATION,
)
from offer_sandbox.providers.opendoor.denials import DENIALS, DISQUALIFYING, EARLIEST_YEAR, ON_UPDATE
from offer_sandbox.providers.opendoor.operations import OPERATIONS
from offer_sandbox.providers.opendoor.products import PROGRAM_FEE_PERCENT, SALE_PERCENT, UPFRONT_PERCENT
from offer_sandbox.providers.opendoor.schemas import (
    STATUSES,
    DenialInfoRecord,
    OfferDataRecord,
    OfferRequestRecord,
)
from offer_sandbox.resources import bundled
from offer_sandbox.schemas.fields import Integer, Nested, Number, String, members
from offer_sandbox.schemas.graphql import GraphQLRequest

SDL = (bundled("specs") / "opendoor.graphql").read_text(encoding="utf-8")
SCHEMA = build_schema(SDL)
OWN = {name: each for name, each in SCHEMA.type_map.items() if each.ast_node is not None}
KINDS = {"Int": Integer, "Float": Number, "DenialInfo": Nested, "OfferData": Nested}  # all others are String
RECORDS = [("OfferRequest", OfferRequestRecord), ("DenialInfo", DenialInfoRecord), ("OfferData", OfferDataRecord)]
STAGES = ("create", "update", "pricing")


def described() -> Iterator[tuple[str, Any]]:
    """Everything that can have a description, with its place."""
    for name, each in OWN.items():
        yield name, each
        if isinstance(each, GraphQLEnumType):
            yield from ((f"{name}.{value}", node) for value, node in each.values.items())
        if isinstance(each, GraphQLObjectType | GraphQLInputObjectType):
            yield from ((f"{name}.{key}", field) for key, field in each.fields.items())
        if isinstance(each, GraphQLObjectType):
            for key, field in each.fields.items():
                yield from ((f"{name}.{key}({arg})", node) for arg, node in field.args.items())


def description(place: str) -> str:
    """The description at a place."""
    text = dict(described())[place].description
    assert isinstance(text, str)
    return text


def sentence(place: str) -> str:
    """The description at a place, in one line."""
    return " ".join(description(place).split())


def stored(record: type[Schema]) -> dict[str, Any]:
    """The fields of a stored record that the API has too."""
    return {name: field for name, field in members(record()).items() if name != "sandbox"}


def test_everything_has_a_description_that_ends_with_its_evidence():
    places = [*described()]
    assert len(places) > 100
    assert [where for where, node in places if len((node.description or "").split()) < 5] == []
    ending = re.compile(r"Evidence: (seed|docs|inferred)\b[^.]*\.\Z")
    assert [where for where, node in places if not ending.search(node.description)] == []


def test_the_schema_definition_has_no_description():
    """Parsers such as graphql-js 14 cannot read one."""
    [node] = [each for each in parse(SDL).definitions if isinstance(each, SchemaDefinitionNode)]
    assert node.description is None
    assert SCHEMA.description is None


def test_the_root_fields_are_the_operations():
    fields = [*SCHEMA.query_type.fields, *SCHEMA.mutation_type.fields]
    assert sorted(fields) == sorted(operation.name for operation in OPERATIONS)


@pytest.mark.parametrize(("name", "record"), RECORDS)
def test_a_type_has_the_fields_of_its_stored_record(name: str, record: type[Schema]):
    fields = SCHEMA.get_type(name).fields
    assert [*fields] == [*stored(record)]
    for key, field in fields.items():
        kind = KINDS.get(get_named_type(field.type).name, String)
        assert type(stored(record)[key]) is kind, key


@pytest.mark.parametrize(("name", "record"), RECORDS)
def test_a_field_is_nullable_where_its_stored_record_is(name: str, record: type[Schema]):
    """And nowhere else, except in DenialInfo, whose nullability is not documented."""
    fields = SCHEMA.get_type(name).fields
    nullable = [key for key, field in fields.items() if not isinstance(field.type, GraphQLNonNull)]
    may_be_null = [key for key, field in stored(record).items() if field.allow_none]
    if name == "DenialInfo":
        assert may_be_null == []
        assert all("The sandbox never returns null." in sentence(f"{name}.{key}") for key in nullable)
    else:
        assert nullable == may_be_null


def test_the_statuses_are_those_of_the_stored_records():
    assert [*SCHEMA.get_type("OfferStatus").values] == [*STATUSES]


def test_the_code_explains_the_denial_codes_at_their_stages():
    text = description("DenialInfo.code")
    stages = [re.findall(r"^- `(\w+)`", part, re.M) for part in text.split("Codes that deny")[1:]]
    wanted = [[each.code for each in DENIALS.values() if each.stage == stage] for stage in STAGES]
    assert stages == wanted
    assert f"one of the {len(DENIALS)} documented codes" in text
    also = re.findall(r"^- `(\w+)` \(also on update\): ", text, re.M)
    assert also == [code for code in stages[0] if code in ON_UPDATE]


def test_an_answer_names_the_code_for_which_it_denies():
    named = {
        place.removeprefix("OfferInput."): found[1]
        for place, node in described()
        if (found := re.search(r"True denies the request with\s+`(\w+)`", node.description))
    }
    assert named == DISQUALIFYING


def test_the_figures_are_those_of_the_code():
    price = f"{BASE_DOLLARS:,} dollars plus {DOLLARS_A_SQUARE_FOOT} dollars per square foot"
    assert f"{price}, varied by up to {VARIATION * 100:.0f} percent" in sentence("OfferData.headlinePriceCents")
    size = f"assumes {DEFAULT_SQUARE_FEET:,}, and it limits the answer to between 0 and {MAX_SQUARE_FEET:,}"
    assert size in sentence("OfferInput.homeAboveGradeSqFt")
    assert f"{DAYS_OPEN} days after `sentAt`" in sentence("OfferData.expirationAt")
    assert f"before {EARLIEST_YEAR} denies" in sentence("OfferInput.homeYearBuilt")
    percents = {
        "OfferData.feeCostCents": FEE_PERCENT,
        "OfferData.estimatedClosingCostCents": CLOSING_PERCENT,
        "CnmlOfferData.estimatedSalePriceCents": SALE_PERCENT,
        "CnmlOfferData.upfrontCashCents": UPFRONT_PERCENT,
        "CnmlOfferData.programFeeCents": PROGRAM_FEE_PERCENT,
        "CnmlOfferData.closingCostCents": CLOSING_PERCENT,
    }
    assert [where for where, percent in percents.items() if f" {percent} percent of" not in sentence(where)] == []


def test_the_request_states_the_limits_of_a_document():
    limits = {
        "tokens": document.MAX_TOKENS,
        "levels": document.MAX_DEPTH,
        "aliases": document.MAX_ALIASES,
        "fields": document.MAX_FIELDS,
        "fragments": document.MAX_FRAGMENTS,
    }
    text = members(GraphQLRequest())["query"].metadata["description"]
    assert all(f"{number:,} {what}" in text for what, number in limits.items())

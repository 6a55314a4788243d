"""Mutated GraphQL results: judged by executing the document over the changed result, which GraphQL itself checks."""

import json
from copy import deepcopy

import pytest
from graphql import build_schema, execute_sync, parse, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from graphql_calls import OFFERED_ID
from offer_sandbox.exchange.graphql.mutation import mutate
from offer_sandbox.resources import bundled
from offer_sandbox.rules.mutation import KINDS
from offer_sandbox.world.rng import seeded_rng
from running_server import Client

UNTIMED = settings(deadline=None)
SEEDS = st.integers(0, 2**32)
SOME_KINDS = st.lists(st.sampled_from(KINDS), unique=True)
SCHEMA = build_schema("""
type Query { shop: Shop, named(name: String): Item, open: Boolean! }
interface Item { id: ID!, state: State, next: Item }
type Book implements Item { id: ID!, state: State, next: Item, pages: Int, tags: [String!]! }
type Lamp implements Item { id: ID!, state: State, next: Item, watts: [Int], colour: Colour! }
union Thing = Book | Lamp
type Shop { items: [Item!]!, things: [Thing], states: [State!], any: Anything, name: String!, note: String }
enum State { ON_SALE, SOLD }
enum Colour { red, dark_blue }
scalar Anything
""")
DOCUMENT = parse("""
query Other { open }
query Shop($yes: Boolean! = true) {
  here: shop { ...Names items { ...Found ...Lit } }
  shop @include(if: $yes) { things { __typename ... on Book { pages ...Found } ... on Lamp { watts } } states any }
  named(name: "a") { ...Found }
  open
  __schema { queryType { kind name } }
}
fragment Lit on Lamp { bulb: watts colour }
fragment Names on Shop { title: name note ...Empty }
fragment Empty on Shop { note }
fragment Found on Item { __typename id status: state next { __typename ...Deeper } ... on Book { tags } }
fragment Deeper on Item { id state }
""")
OPERATION = next(each for each in DOCUMENT.definitions if getattr(each.name, "value", "") == "Shop")
STATES = st.none() | st.sampled_from(["ON_SALE", "SOLD"])
TEXTS = st.text(max_size=3)
BOOKS = st.fixed_dictionaries(
    {
        "__typename": st.just("Book"),
        "id": TEXTS,
        "state": STATES,
        "pages": st.none() | st.integers(0, 9),
        "tags": st.lists(TEXTS, max_size=3),
    }
)
LAMPS = st.fixed_dictionaries(
    {
        "__typename": st.just("Lamp"),
        "id": TEXTS,
        "state": STATES,
        "watts": st.none() | st.lists(st.none() | st.integers(0, 9), max_size=3),
        "colour": st.sampled_from(["red", "dark_blue"]),
    }
)
ITEMS = st.tuples(BOOKS | LAMPS, st.none() | BOOKS | LAMPS).map(lambda pair: {**pair[0], "next": pair[1]})
WORLDS = st.fixed_dictionaries(
    {
        "open": st.booleans(),
        "named": st.none() | ITEMS,
        "shop": st.none()
        | st.fixed_dictionaries(
            {
                "items": st.lists(ITEMS, max_size=3),
                "things": st.none() | st.lists(st.none() | ITEMS, max_size=3),
                "states": st.none() | st.lists(st.sampled_from(["ON_SALE", "SOLD"]), max_size=3),
                "any": st.none() | st.just({"b": [2, 1], "a": 5}),
                "name": TEXTS,
                "note": st.none() | TEXTS,
            }
        ),
    }
)
RESULTS = WORLDS.map(lambda world: executed(SCHEMA, DOCUMENT, world).formatted)
ERRORS = [
    {"message": "a", "path": ["here", "items", 1, "next"], "extensions": {"code": "A"}},
    {"message": "b", "locations": [{"line": 2, "column": 1}, {"line": 1, "column": 9}]},
]


def executed(schema, document, root, by_response_name=False):
    """The result of the document over plain values, taken by field name or by response name."""

    def field(source, info, **_):
        return source.get(info.path.key if by_response_name else info.field_name)

    name = "Shop" if document is DOCUMENT else None
    return execute_sync(schema, document, root, field_resolver=field, operation_name=name)


def judged(schema, document, data):
    """What GraphQL says of data that a client gets for a document: the places it refuses."""
    result = executed(schema, document, data, by_response_name=True)
    return [tuple(error.path) for error in result.errors or ()]


def changed(result, kinds, seed):
    """The result mutated as the answer to the document above."""
    return mutate(result, DOCUMENT, OPERATION, SCHEMA, kinds, seeded_rng(seed))


def sorted_throughout(value):
    """The value with an order of its own in every array and object."""
    if isinstance(value, dict):
        return {name: sorted_throughout(value[name]) for name in sorted(value)}
    return sorted(map(sorted_throughout, value), key=json.dumps) if isinstance(value, list) else value


def at(result, name):
    """The value at a sentence's path."""
    for step in name.split(".")[1:]:
        result = result[int(step)] if isinstance(result, list) else result[step]
    return result


def test_the_document_is_valid():
    assert validate(SCHEMA, DOCUMENT) == []


@UNTIMED
@given(result=RESULTS, kinds=SOME_KINDS, seed=SEEDS)
def test_it_is_repeatable_and_leaves_its_arguments(result, kinds, seed):
    before, document = json.dumps(result), DOCUMENT.to_dict()
    first = changed(result, kinds, seed)
    assert json.dumps(first) == json.dumps(changed(deepcopy(result), kinds, seed))
    assert json.dumps(result) == before
    assert DOCUMENT.to_dict() == document


@UNTIMED
@given(result=RESULTS, seed=SEEDS)
def test_no_kind_changes_nothing(result, seed):
    other, told = changed(result, [], seed)
    assert (json.dumps(other), told) == (json.dumps(result), [])


@UNTIMED
@given(result=RESULTS, seed=SEEDS)
def test_another_order_keeps_everything(result, seed):
    other, told = changed(result, ["reorder"], seed)
    assert sorted_throughout(other) == sorted_throughout(result)
    assert list(other["data"]) != list(result["data"])
    assert "body.data has its members in another order" in told
    assert judged(SCHEMA, DOCUMENT, other["data"]) == []
    for name in ("things", "states"):
        items = (result["data"]["shop"] or {}).get(name) or []
        if any(item != items[0] for item in items):
            assert other["data"]["shop"][name] != items
            assert f"body.data.shop.{name} has its items in another order" in told
    if result["data"]["shop"]:
        assert json.dumps(other["data"]["shop"]["any"]) == json.dumps(result["data"]["shop"]["any"])


@UNTIMED
@given(result=RESULTS, seed=SEEDS)
def test_nulls_stand_only_where_the_schema_admits_them(result, seed):
    other, told = changed(result, ["null_optional"], seed)
    assert judged(SCHEMA, DOCUMENT, other["data"]) == []
    data = result["data"]
    assert bool(told) == any(data[name] is not None for name in ("here", "shop", "named"))
    for text in told:
        name = text.removesuffix(" was set to null")
        assert at(other, name) is None
        assert at(result, name) is not None
        assert "__" not in name


@UNTIMED
@given(result=RESULTS, seed=SEEDS)
def test_words_are_unknown_only_where_the_type_is_an_enum(result, seed):
    other, told = changed(result, ["unknown_enum_value"], seed)
    names = [text.partition(" ")[0] for text in told]
    refused = {".".join(["body.data", *map(str, path)]) for path in judged(SCHEMA, DOCUMENT, other["data"])}
    assert set(names) >= refused  # one that makes its parent null may hide another beneath it
    assert bool(names) == bool(refused)
    for text in told:
        name, _, what = text.partition(" was set to ")
        assert at(other, name) == what == ("unknown_to_you" if name.endswith("colour") else "UNKNOWN_TO_YOU")
    data = json.dumps(result["data"])
    assert bool(told) == any(word in data for word in ("ON_SALE", "SOLD", "red", "dark_blue"))


@UNTIMED
@given(result=RESULTS, seed=SEEDS)
def test_members_are_added_to_extensions_only(result, seed):
    other, told = changed({**result, "errors": ERRORS}, ["extra_field"], seed)
    assert "body.extensions.sandboxExtra was added" in told
    assert list(other.pop("extensions")) == ["sandboxExtra"]
    for text in told[1:]:
        assert text == "body.errors.0.extensions.sandboxExtra was added"
        other["errors"][0]["extensions"].pop("sandboxExtra")
    assert other == {**result, "errors": ERRORS}


@pytest.mark.parametrize("seed", range(8))
def test_paths_of_errors_still_lead_where_they_led(seed):
    """So an array on the way of one keeps its order; without an error it has another."""
    items = [{"__typename": "Lamp", "id": id, "bulb": [1, 2], "colour": "red"} for id in "abcd"]
    result = {"data": {"here": {"title": "", "items": items}, "open": True}}
    other, told = changed({**result, "errors": ERRORS}, ["reorder"], seed)
    assert [item["id"] for item in other["data"]["here"]["items"]] == ["a", "b", "c", "d"]
    assert "body.data.here.items.1.bulb has its items in another order" in told
    errors = {error["message"]: error for error in other["errors"]}
    assert [errors["a"]["path"], errors["b"]["locations"]] == [ERRORS[0]["path"], ERRORS[1]["locations"]]
    other, _ = changed(result, ["reorder"], seed)
    assert [item["id"] for item in other["data"]["here"]["items"]] != ["a", "b", "c", "d"]


@UNTIMED
@given(result=RESULTS, kinds=SOME_KINDS, seed=SEEDS)
def test_introspection_is_left(result, kinds, seed):
    other, _ = changed(result, kinds, seed)
    assert json.dumps(other["data"]["__schema"]) == json.dumps(result["data"]["__schema"])


def test_one_error_of_two_comes_first_or_last():
    firsts = {changed({"errors": ERRORS}, ["reorder"], seed)[0]["errors"][0]["message"] for seed in range(9)}
    assert firsts == {"b"}


@pytest.mark.parametrize("data", [{}, {"data": None}, {"data": {"named": None}}])
def test_a_refused_document_is_not_followed(data):
    document = parse("{ ...A ...Missing } fragment A on Query { ...A }")
    result = {**data, "errors": [ERRORS[1]]}
    other, told = mutate(result, document, document.definitions[0], SCHEMA, KINDS, seeded_rng(1))
    assert other["errors"][0].keys() == ERRORS[1].keys()
    assert other.get("data") == result.get("data")
    assert "body.extensions.sandboxExtra was added" in told


def test_a_request_without_a_document_has_extensions_all_the_same():
    other, told = mutate({"errors": [ERRORS[0]]}, None, None, SCHEMA, ["extra_field"], seeded_rng(1))
    assert list(other) == ["errors", "extensions"]
    assert told[0] == "body.extensions.sandboxExtra was added"


def test_present_extensions_are_kept():
    other, told = changed({"data": {"open": True}, "extensions": {"trace_id": 1}}, ["extra_field"], 1)
    assert other["extensions"]["trace_id"] == 1
    assert told == ["body.extensions.sandbox_extra was added"]


@pytest.mark.parametrize("seed", range(12))
def test_a_real_answer_changes_as_its_schema_allows(client: Client, seed):
    query = """query($id: String!) { mine: offerRequest(opendoorOfferRequestId: $id) { ...All __typename } }
    fragment All on OfferRequest { offerStatus offerData { headlinePriceCents repairCostCents url sentAt } }"""
    answer = client.graphql(query, {"id": OFFERED_ID}).json()
    schema = build_schema((bundled("specs") / "opendoor.graphql").read_text())
    document = parse(query)
    other, told = mutate(answer, document, document.definitions[0], schema, KINDS, seeded_rng(seed))
    mine = other["data"]["mine"]
    assert mine is None or mine["offerStatus"] == "UNKNOWN_TO_YOU"
    assert mine is None or mine["offerData"] is None or None in mine["offerData"].values()
    assert any(text.endswith("was set to null") for text in told)
    assert list(other["extensions"]) == ["sandboxExtra"]

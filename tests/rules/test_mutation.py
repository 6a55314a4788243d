"""Mutated answers: what may change does, nothing else, the same for the same seed, and the sentences are true."""

from copy import deepcopy
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import validate

from offer_sandbox.providers import providers
from offer_sandbox.resources import bundled
from offer_sandbox.rules.mutation import KINDS, mutate
from offer_sandbox.schemas.fields import (
    AnswerSchema,
    Boolean,
    Integer,
    List,
    Nested,
    Number,
    Object,
    String,
    one_of,
)
from offer_sandbox.schemas.validator import validator_for
from offer_sandbox.world.json_codec import dump, parse
from offer_sandbox.world.rng import seeded_rng

UNTIMED = settings(deadline=None)
SEEDS = st.integers(0, 2**32)
SOME_KINDS = st.lists(st.sampled_from(KINDS), unique=True)
COLOURS = ("RED", "DARK_BLUE")


class Part(AnswerSchema):
    """A part of the thing."""

    colour = String(validate=one_of(*COLOURS))
    size = Integer(allow_none=True)
    kind = String(required=True, validate=[validate.Equal("part"), one_of("part", "whole")])


class Thing(AnswerSchema):
    """One field of each sort that the mutation tells apart."""

    id = String(required=True)
    price = Number(allow_none=True)
    sold = Boolean()
    note = String(allow_none=True, data_key="theNote")
    free = Object(allow_none=True)
    first = Nested(Part, allow_none=True)
    parts = List(Nested(Part), required=True)
    tags = List(String(validate=one_of("old-one", "new-one")))
    marks = List(Integer(allow_none=True), allow_none=True)


THING = Thing()
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3)
PARTS = st.fixed_dictionaries(
    {"kind": st.just("part")},
    optional={"colour": st.sampled_from(COLOURS), "size": st.none() | st.integers(2, 9)},
)
THINGS = st.fixed_dictionaries(
    {"id": st.text(max_size=3), "parts": st.lists(PARTS, max_size=4)},
    optional={
        "price": st.none() | st.decimals(0, 9, places=2),
        "sold": st.booleans(),
        "theNote": st.none() | st.text(max_size=3),
        "free": st.none() | st.dictionaries(st.text(max_size=3), SCALARS | st.lists(SCALARS), max_size=3),
        "first": st.none() | PARTS,
        "tags": st.lists(st.sampled_from(["old-one", "new-one"]), max_size=4),
        "marks": st.none() | st.lists(st.none() | st.integers(2, 9), max_size=4),
    },
)
EXAMPLE = {
    "id": "1",
    "theNote": "n",
    "free": {"b": [1, 2, 3], "a": 2},
    "parts": [{"kind": "part", "colour": "RED"}, {"kind": "part", "size": 2}, {"kind": "part", "size": 3}],
    "tags": ["old-one"],
}


def answers():
    """Every answer that has a schema: the published examples, which are real answers, and a name for each."""
    for provider in providers().values():
        paths = parse((bundled("specs") / f"{provider.name}.json").read_text())["paths"]
        for operation in provider.parts.operations:
            for status, schema in operation.answers.items():
                told = paths[operation.path][operation.method.lower()]["responses"][str(status)]
                for name, example in told["content"]["application/json"]["examples"].items():
                    id = f"{provider.name}.{operation.name}.{name}"
                    yield pytest.param(schema, example["value"], id=id)


def test_every_answer_schema_has_an_example():
    schemas = {s for each in providers().values() for o in each.parts.operations for s in o.answers.values()}
    assert {each.values[0] for each in answers()} == schemas


EVERY_ANSWER = pytest.mark.parametrize(("schema", "body"), list(answers()))


def sorted_throughout(value):
    """The value with an order of its own in every array and object."""
    if isinstance(value, dict):
        return {name: sorted_throughout(value[name]) for name in sorted(value)}
    return sorted(map(sorted_throughout, value), key=dump) if isinstance(value, list) else value


def leaves(value, path=()):
    """Every value that is no array or object and has no place in one without members, by its path."""
    if isinstance(value, dict | list) and value:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return {place: leaf for name, item in items for place, leaf in leaves(item, (*path, name)).items()}
    return {path: value}


def at(body, name):
    """The value at a sentence's path."""
    for step in name.split(".")[1:]:
        body = body[int(step)] if isinstance(body, list) else body[step]
    return body


def exactly(value):
    """JSON text, which tells `1` from `true` and one order from another."""
    return dump(value)


@EVERY_ANSWER
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_the_schema_still_takes_another_order_and_nulls(schema, body, seed):
    changed, told = mutate(body, schema, ["reorder", "null_optional"], seeded_rng(seed))
    assert validator_for(schema).issues(changed) == []
    assert told or body == {"data": []}  # an empty page, of which nothing can be changed


@EVERY_ANSWER
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, kinds=SOME_KINDS)
def test_real_answers_change_repeatably_and_records_not_at_all(schema, body, seed, kinds):
    before = exactly(body)
    first = mutate(body, schema, kinds, seeded_rng(seed))
    assert exactly(first) == exactly(mutate(body, schema, kinds, seeded_rng(seed)))
    assert exactly(body) == before


@EVERY_ANSWER
def test_of_real_answers_nothing_but_the_additions_and_unknown_words_is_refused(schema, body):
    changed, told = mutate(body, schema, KINDS, seeded_rng(5))
    flaws = validator_for(schema).issues(changed)
    named = [".".join(["body", *map(str, flaw.path)]) for flaw in flaws]
    assert {flaw.key for flaw in flaws} <= {"unknown", "one_of"}
    assert named
    assert set(named) == {
        text.split()[0] for text in told if "was added" in text or "was set to u" in text.lower()
    }


@UNTIMED
@given(body=THINGS, kinds=SOME_KINDS, seed=SEEDS)
def test_it_is_repeatable_and_leaves_its_argument(body, kinds, seed):
    before = exactly(body)
    first = mutate(body, THING, kinds, seeded_rng(seed))
    assert exactly(first) == exactly(mutate(deepcopy(body), THING, kinds, seeded_rng(seed)))
    assert exactly(body) == before


@UNTIMED
@given(body=THINGS, seed=SEEDS)
def test_no_kind_changes_nothing(body, seed):
    changed, told = mutate(body, THING, [], seeded_rng(seed))
    assert (exactly(changed), told) == (exactly(body), [])


@UNTIMED
@given(body=THINGS, seed=SEEDS)
def test_another_order_keeps_everything(body, seed):
    changed, told = mutate(body, THING, ["reorder"], seeded_rng(seed))
    assert exactly(sorted_throughout(changed)) == exactly(sorted_throughout(body))
    assert validator_for(THING).accepts(changed)
    assert list(changed) != list(body)
    assert told
    for name in ("parts", "tags", "marks"):
        items = body.get(name) or []
        moved = [exactly(item) for item in items] != [exactly(item) for item in changed.get(name) or []]
        if any(item != items[0] for item in items):
            assert changed[name] != items
            assert moved
            assert f"body.{name} has its items in another order" in told
    assert exactly(changed.get("free")) == exactly(body.get("free"))


@UNTIMED
@given(body=THINGS, seed=SEEDS)
def test_nulls_stand_only_where_the_schema_admits_them(body, seed):
    changed, told = mutate(body, THING, ["null_optional"], seeded_rng(seed))
    assert validator_for(THING).accepts(changed)
    names = [text.removesuffix(" was set to null") for text in told]
    possible = [body.get(name) for name in ("price", "theNote", "free", "first", "marks")]
    possible += [part.get("size") for part in body["parts"]]
    assert bool(names) == any(value is not None for value in possible)
    for name in names:
        assert at(changed, name) is None
        assert at(body, name) is not None
    paths = {tuple(name.split(".")[1:]) for name in names}
    for path, leaf in leaves(body).items():
        nulled = any(tuple(map(str, path))[:length] in paths for length in range(1, len(path) + 1))
        assert nulled or leaves(changed)[path] == leaf


@UNTIMED
@given(body=THINGS, seed=SEEDS)
def test_words_are_unknown_only_where_there_are_choices(body, seed):
    changed, told = mutate(body, THING, ["unknown_enum_value"], seeded_rng(seed))
    other = {path: leaf for path, leaf in leaves(changed).items() if leaf != leaves(body)[path]}
    assert leaves(changed).keys() == leaves(body).keys()
    assert set(other.values()) <= {"UNKNOWN_TO_YOU", "unknown-to-you"}
    assert all("colour" in path or "tags" in path for path in other)
    assert bool(other) == any("colour" in path or ("tags" in path and leaf) for path, leaf in leaves(body).items())
    assert told == [f"{'.'.join(['body', *map(str, path)])} was set to {word}" for path, word in other.items()]


@UNTIMED
@given(body=THINGS, seed=SEEDS)
def test_members_are_added_to_described_objects_only(body, seed):
    changed, told = mutate(body, THING, ["extra_field"], seeded_rng(seed))
    assert "body.sandboxExtra was added" in told
    names = [text.removesuffix(" was added") for text in told]
    for name in names:
        assert name.endswith(".sandboxExtra")
        at(changed, name.removesuffix(".sandboxExtra")).pop("sandboxExtra")
    assert exactly(changed) == exactly(body)


@UNTIMED
@given(body=THINGS, kinds=SOME_KINDS, seed=SEEDS)
def test_the_sentences_are_true_of_the_changed_answer(body, kinds, seed):
    changed, told = mutate(body, THING, kinds, seeded_rng(seed))
    for text in told:
        name, _, what = text.partition(" ")
        if what == "was set to null":
            assert at(changed, name) is None
        elif what.startswith("was set to "):
            assert at(changed, name) == what.removeprefix("was set to ")
        elif what == "was added":
            at(changed, name)
        else:
            assert isinstance(at(changed, name), list if "items" in what else dict)
    kinds_told = {"null": "null_optional", "added": "extra_field", "order": "reorder"}
    assert {kinds_told.get(text.split()[-1], "unknown_enum_value") for text in told} <= set(kinds)


def test_of_what_became_null_no_order_is_told():
    body = {"id": "1", "parts": [], "marks": [2, 3]}
    for seed in range(20):
        changed, told = mutate(body, THING, ["reorder", "null_optional"], seeded_rng(seed))
        assert (changed["marks"] is None) == ("body.marks has its items in another order" not in told)


def test_seeds_differ():
    made = {exactly(mutate(EXAMPLE, THING, KINDS, seeded_rng(seed))[0]) for seed in range(20)}
    assert len(made) > 10


def test_a_constant_is_no_enumeration():
    for seed in range(50):
        changed, _ = mutate(EXAMPLE, THING, ["unknown_enum_value"], seeded_rng(seed))
        assert {part["kind"] for part in changed["parts"]} == {"part"}


def test_two_places_that_share_an_object_change_one_by_one():
    part = {"kind": "part", "colour": "RED", "size": 2}
    body = {"id": "1", "parts": [part] * 3}
    changed, told = mutate(body, THING, ["unknown_enum_value", "null_optional"], seeded_rng(1))
    assert sum(each["colour"] != "RED" for each in changed["parts"]) == sum("colour" in text for text in told)
    assert sum(each["size"] is None for each in changed["parts"]) == sum("size" in text for text in told)


@pytest.mark.parametrize(
    ("choices", "word"),
    [
        (("PENDING", "AUTO_DECLINED"), "UNKNOWN_TO_YOU"),
        (("sale", "rent"), "unknown_to_you"),
        (("generating_upsells", "pending"), "unknown_to_you"),
        (("not-yet", "done"), "unknown-to-you"),
        (("User Access Token",), "Unknown To You"),
        (("inTransit", "arrived"), "unknownToYou"),
        (("InTransit", "Arrived"), "UnknownToYou"),
        (("UNKNOWN_TO_YOU", "UNKNOWN_TO_YOU2"), "UNKNOWN_TO_YOU3"),
    ],
)
def test_an_unknown_word_is_written_like_the_known_ones(choices, word):
    class Told(AnswerSchema):
        status = String(validate=one_of(*choices))

    changed, told = mutate({"status": choices[0]}, Told(), ["unknown_enum_value"], seeded_rng(1))
    assert (changed, told) == ({"status": word}, [f"body.status was set to {word}"])


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"listing_id": "1"}, "sandbox_extra"),
        ({"listingId": "1"}, "sandboxExtra"),
        ({"id": "1"}, "sandboxExtra"),
        ({"id": "1", "inner": {"created_at": "now"}}, "sandbox_extra"),
        ({"id": "1", "sandboxExtra": 1}, "sandboxExtra2"),
        ({}, "sandboxExtra"),
    ],
)
def test_an_added_member_is_named_like_the_others(body, name):
    class Inner(AnswerSchema):
        created_at = String()

    class Told(AnswerSchema):
        id = String()
        inner = Nested(Inner)

    _, told = mutate(body, Told(), ["extra_field"], seeded_rng(1))
    assert told[0] == f"body.{name} was added"


def test_a_declared_name_is_not_added_even_where_it_is_absent():
    class Told(AnswerSchema):
        id = String()
        sandboxExtra = String()  # noqa: N815 (as a provider might name it)

    changed, _ = mutate({"id": "1"}, Told(), ["extra_field"], seeded_rng(1))
    assert list(changed) == ["id", "sandboxExtra2"]


def test_the_top_may_be_an_array():
    body = [{"id": "1", "parts": []}, {"id": "2", "parts": []}]
    changed, told = mutate(body, Thing(many=True), ["reorder", "extra_field"], seeded_rng(1))
    assert [each["id"] for each in changed] == ["2", "1"]
    assert "sandboxExtra" in changed[0]
    assert "body has its items in another order" in told


@pytest.mark.parametrize("body", [None, "<p>page</p>", {"b": 1, "a": None}])
def test_without_a_schema_nothing_changes(body):
    changed, told = mutate(body, None, KINDS, seeded_rng(1))
    assert changed is body
    assert told == []


@pytest.mark.parametrize("body", [None, "text", 5, [1, 2], [{"id": "1"}]])
def test_a_body_that_is_not_as_described_is_left(body):
    assert mutate(body, THING, KINDS, seeded_rng(1)) == (body, [])


def test_parts_that_are_not_as_described_are_left():
    body = {"id": 5, "parts": "none", "first": [1, 2], "tags": {"b": 1, "a": 2}, "marks": Decimal("1.5")}
    changed, _ = mutate(body, THING, ["reorder", "unknown_enum_value"], seeded_rng(1))
    assert changed == body
    assert list(changed["tags"]) == ["b", "a"]


def test_many_changes_are_told_shortly_and_arrays_before_members():
    body = {"id": "1", "parts": [{"kind": "part", "size": n} for n in range(2, 102)]}
    _, told = mutate(body, THING, KINDS, seeded_rng(1))
    assert len(told) == 21
    assert told[-1].startswith("and ")
    assert told.index("body.parts has its items in another order") < told.index(
        "body has its members in another order"
    )

"""Conditions of rules: paths, operators, equality, and patterns of linear time only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offer_sandbox.rules.match_budget import MatchBudget
from offer_sandbox.rules.matching import holds, misses
from offer_sandbox.rules.patterns import PatternError, pattern
from offer_sandbox.world.json_codec import parse


class Asked:
    """A request of which the parts are given."""

    def __init__(self, **parts):
        self.parts = parts

    def part(self, name):
        return self.parts.get(name)

    def hidden(self, path):
        return path.startswith("header.")


ASKED = Asked(
    body=parse(
        '{"items": [{"id": "a", "price": 10.50, "tags": ["x", "y"]}, {"id": "b", "price": 7}],'
        ' "a.b": {"c": true}, "none": null, "empty": {}, "amount": "19.99"}'
    ),
    query={"page": ["2"], "active": ["true"], "tag": ["a", "b"]},
    path={"offerId": "off_1"},
    header={"x-ebay-c-marketplace-id": "EBAY_US"},
    args={"params": {"address": {"state": "CA"}}},
    variables={"n": 5},
    operationName="Create",
)


@pytest.mark.parametrize(
    "match",
    [
        {},
        {"body.items.*.id": "b"},
        {"body.items.1.id": "b"},
        {"body.items.0.price": 10.5},
        {"body.items.*.tags.*": "y"},
        {"body.items.0.tags": ["x", "y"]},
        {"body.a\\.b.c": True},
        {"body.none": None},
        {"body.none": {"present": True}},
        {"body.empty": {"present": True}},
        {"body.missing": {"absent": True}},
        {"body.missing": {"present": False}},
        {"body.items.*.price": {"gt": 10, "lt": 11}},
        {"body.amount": {"lt": 20}},
        {"body.items.*.id": {"one_of": ["z", "a"]}},
        {"body.items.0.id": {"regex": "^[ab]$"}},
        {"query.page": 2},
        {"query.tag": "b"},
        {"query.page": {"gt": 1}},
        {"query.active": True},
        {"path.offerId": {"regex": "_1"}},
        {"header.X-EBAY-C-Marketplace-Id": {"regex": "^EBAY_"}},
        {"args.params.address.state": "CA"},
        {"variables.n": 5},
        {"operationName": "Create"},
        {"operationName": {"one_of": ["Create", "Update"]}},
    ],
)
def test_what_matches(match):
    assert misses(match, ASKED) == []


@pytest.mark.parametrize(
    ("match", "told"),
    [
        ({"body.items.*.id": "c"}, "body.items.*.id is ['a', 'b'], expected 'c'"),
        ({"body.items.2.id": "b"}, "body.items.2.id is missing, expected 'b'"),
        ({"body.a\\.b.c": 1}, "is True, expected 1"),
        ({"body.none": {"absent": True}}, "body.none"),
        ({"body.items.*.price": {"gt": 7, "lt": 10}}, "expected {'gt': 7, 'lt': 10}"),
        ({"body.items.0.id": {"gt": 1}}, "is 'a'"),
        ({"body.items.0.price": {"regex": "1"}}, "expected {'regex': '1'}"),
        ({"body": {"present": False}}, "body is"),
        ({"query.page": "02"}, "is '2', expected '02'"),
        ({"header.accept": {"present": True}}, "is missing"),
        ({"args.params.address.state.deeper": "CA"}, "is missing"),
        ({"operationName": "Update"}, "operationName is 'Create', expected 'Update'"),
    ],
)
def test_what_does_not_match_says_why(match, told):
    (miss,) = misses(match, ASKED)
    assert told in miss.text()


def test_what_is_hidden_is_not_told_and_what_is_long_is_told_short():
    (miss,) = misses({"header.x-ebay-c-marketplace-id": "EBAY_GB"}, ASKED)
    assert miss.text(hidden=True) == "header.x-ebay-c-marketplace-id is another value, expected 'EBAY_GB'"
    (miss,) = misses({"body.big": "x"}, Asked(body={"big": "y" * 1_000_000}))
    assert len(miss.text()) < 200


def test_graphql_s_floats_equal_exact_numbers():
    assert misses({"args.fee": parse("1.1")}, Asked(args={"fee": 1.1})) == []
    assert len(misses({"args.fee": parse("1.1")}, Asked(args={"fee": 1.2}))) == 1


def test_every_condition_that_fails_is_told():
    assert [miss.path for miss in misses({"query.page": 3, "body.x": 1, "query.active": True}, ASKED)] == [
        "query.page",
        "body.x",
    ]


def test_a_part_that_the_request_does_not_have_matches_absence_only():
    assert misses({"body.a": {"absent": True}, "operationName": {"absent": True}}, Asked()) == []
    assert len(misses({"body.a": None, "variables.b": {"present": True}}, Asked())) == 2


@pytest.mark.parametrize("text", [r"(a)\1", "(?=a)b", "(?<!a)b", "[", "(a{1000}){1000}"])
def test_patterns_that_could_take_longer_than_linear_time_are_refused(text):
    with pytest.raises(PatternError, match="linear time"):
        pattern(text)


def test_a_pattern_that_ruins_others_is_quick_here():
    assert pattern("^(a+)+$").found_in("a" * 5_000)
    assert not pattern("^(a+)+$").found_in("a" * 5_000 + "b")


LARGE = "(?i)[ab]*a[abc]{1500}z"


@pytest.mark.parametrize(("expression", "length"), [("b$", 65_536), (LARGE, 256)])
def test_a_text_must_be_short_enough_for_the_size_of_the_pattern(expression, length):
    fits, too_long = "ab" * (length // 2), "ab" * (length // 2) + "b"
    assert misses({"body": {"regex": expression}}, Asked(body=fits)) == [] or expression == LARGE
    [miss] = misses({"body": {"regex": expression}}, Asked(body=too_long))
    reason = f"body is too long for this pattern ({length + 1} bytes, and the limit is {length})"
    assert miss.text(hidden=True) == reason


def test_a_text_that_is_too_long_neither_fits_a_pattern_nor_its_negation():
    for wanted in ({"regex": LARGE}, {"not": {"regex": LARGE}}):
        assert not holds(wanted, ["b" * 257])


def test_bytes_of_a_text_count_and_not_its_characters():
    assert len(misses({"body": {"regex": "b$"}}, Asked(body="\u20ac" * 30_000 + "b"))) == 1


@pytest.mark.parametrize(
    ("match", "body"),
    [
        ({"x.*.*": 1}, {"x": [[0] * 1_000] * 1_000}),
        ({"x.*": {"one_of": [*range(1_000)]}}, {"x": [-1] * 1_000}),
        ({f"x{number}": {"regex": f"(?i)[ab]*a[abc]{{{number + 200}}}z"} for number in range(300)}, {"x": "ab"}),
    ],
)
def test_all_conditions_of_a_call_share_one_budget(match, body):
    conditions = {f"body.{path}": wanted for path, wanted in match.items()}
    body = {**dict.fromkeys([path.partition(".")[0] for path in match], "ab" * 900), **body}
    left = MatchBudget()
    told = [miss.text() for miss in misses({**conditions, "query.page": "2"}, Asked(body=body, query={}), left)]
    assert left.spent
    assert "too much work for one call" in told[-1]
    assert misses({"body.x": {"present": True}}, Asked(body=body), left)[0].why


def test_large_patterns_are_compiled_over_several_calls():
    match = {f"body.x{number}": {"regex": f"(?i)[ab]*a[abc]{{{number + 800}}}z"} for number in range(100)}
    asked = Asked(body=dict.fromkeys([path.partition(".")[2] for path in match], "c"))
    pattern.cache_clear()
    delayed = [sum(bool(miss.why) for miss in misses(match, asked)) for _ in range(5)]
    assert delayed[0] > delayed[1] > delayed[-1] == 0


def test_a_thousand_rules_with_a_pattern_each_are_within_the_budget_of_a_call():
    match = {f"body.x{number}": {"regex": f"^{number}$"} for number in range(1_000)}
    pattern.cache_clear()
    assert misses(match, Asked(body={f"x{number}": str(number) for number in range(1_000)})) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(JSON, JSON)
def test_equality_is_that_of_json(wanted, value):
    """`true` is not 1, at the top at least, and a value equals itself."""
    if not isinstance(wanted, dict):
        same = type(wanted) is type(value) and wanted == value
        assert holds(wanted, [value]) is same or isinstance(wanted, list)


@pytest.mark.parametrize(
    ("wanted", "values", "held"),
    [
        ({"not": "a"}, ["b"], True),
        ({"not": "a"}, ["a"], False),
        ({"not": "a"}, ["a", "b"], False),
        ({"not": "a"}, [], False),
        ({"not": {"regex": "^a"}}, ["ba", "cab"], True),
        ({"not": {"regex": "^a"}}, ["ba", "ab"], False),
        ({"not": {"one_of": [1, 2]}}, [3], True),
        ({"not": {"gt": 5}, "gt": 1}, [3], True),
        ({"not": {"gt": 5}, "gt": 1}, [7], False),
        ({"not": {"gt": 5}, "gt": 1}, [0], False),
        ({"not": None}, ["a"], True),
        ({"not": None}, [None], False),
    ],
)
def test_not_holds_where_there_is_a_value_and_none_fits(wanted, values, held):
    assert holds(wanted, values) is held


def test_not_in_an_address_compares_texts():
    assert holds({"not": 5}, ["6"], text_only=True)
    assert not holds({"not": 5}, ["5"], text_only=True)

"""What the contract adds to the outcomes that a provider declares, and where."""

from dataclasses import replace

import pytest

from offer_sandbox.contract import INFRASTRUCTURE, Operation, Step, answered, demo_bearer, refusal
from offer_sandbox.contract.catalogue import completed, observed
from offer_sandbox.contract.outcome import UNREADABLE, unmatched
from offer_sandbox.schemas.fields import RequestSchema

READ, WRITE = (
    Operation(name=name, method=method, path="/things", evidence="docs", source="a page", body=body)
    for name, method, body in (("read", "GET", None), ("write", "POST", RequestSchema()))
)
CALL = Step(method="GET", path="/p/things?size=1", headers={"Authorization": demo_bearer()})
SENT = Step(method="POST", path="/p/things", headers=CALL.headers, body={"a": 1})
DECLARED = (
    answered("read", "success", "It is read", 200, CALL, source="a page"),
    answered("write", "success", "It is written", 200, SENT, source="a page"),
    refusal("write", "too_small", "It is too small", 409, SENT),
)


def names(operation: str, declared=DECLARED) -> list[str]:
    """The names of an operation's outcomes, in order."""
    whole = completed((READ, WRITE), declared, lambda _, word: demo_bearer(word))
    return [outcome.name for outcome in whole if outcome.operation == operation]


def test_the_infrastructure_is_at_the_end_of_each_operation():
    assert names("read") == ["success", *INFRASTRUCTURE]
    assert names("write") == ["success", "too_small", *UNREADABLE, *INFRASTRUCTURE]


def test_each_of_the_infrastructure_is_the_plain_call_with_a_word_in_its_credential():
    whole = completed((READ, WRITE), DECLARED, lambda operation, word: f"{operation.name} {word}")
    found = {(outcome.operation, outcome.name): outcome for outcome in whole}
    [step] = found["write", "unavailable"].steps
    assert step == replace(SENT, headers={"Authorization": "write unavailable"})


def test_what_is_declared_takes_the_place_of_the_usual():
    usual = completed((READ, WRITE), DECLARED, lambda _, word: demo_bearer(word))
    own = replace(next(outcome for outcome in usual if outcome.name == "forbidden"), title="Another title")
    whole = completed((READ, WRITE), (own, *DECLARED), lambda _, word: demo_bearer(word))
    assert next(outcome.title for outcome in whole if outcome.name == "forbidden") == "Another title"
    assert names("read", (*DECLARED, own)) == ["success", *INFRASTRUCTURE]


def test_a_body_that_cannot_be_read_is_left_to_who_declares_any_of_it():
    own = refusal("write", "invalid_json", "It is no JSON", 422, replace(SENT, body="{"))
    assert names("write", (*DECLARED, own)) == ["success", "too_small", "invalid_json", *INFRASTRUCTURE]
    form = completed((READ, replace(WRITE, form=True)), DECLARED, lambda _, word: word)
    assert not {outcome.name for outcome in form} & set(UNREADABLE)


def test_calls_of_no_operation_come_last_as_declared_or_as_usual():
    assert names("unmatched") == ["not_found", "method_not_allowed", "options"]
    whole = completed((READ, WRITE), DECLARED, lambda _, word: word)
    assert [(outcome.steps[0].method, outcome.steps[0].path) for outcome in whole[-3:]] == [
        ("GET", "/p/things/no/such/path"),
        ("DELETE", "/p/things"),
        ("OPTIONS", "/p/things"),
    ]
    own = unmatched(replace(CALL, path="/p/nowhere"), CALL, "PUT")
    assert completed((READ, WRITE), (*own, *DECLARED), lambda _, word: word)[-3:] == tuple(own)


def test_what_was_seen_has_the_place_where_it_was_seen():
    whole = observed(
        completed((READ, WRITE), DECLARED, lambda _, word: word), {"read.forbidden": "public issue #1"}
    )
    found = [outcome for outcome in whole if outcome.evidence == "observed"]
    assert [(each.operation, each.name, each.source) for each in found] == [
        ("read", "forbidden", "public issue #1")
    ]


@pytest.mark.parametrize("name", ["read.success", "read.unknown"], ids=["documented", "unknown"])
def test_only_what_no_page_documents_can_have_been_seen(name):
    with pytest.raises(ValueError, match=name):
        observed(DECLARED, {name: "public issue #1"})

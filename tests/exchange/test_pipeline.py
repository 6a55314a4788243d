"""The journey with a toy provider: what is kept, what is rolled back, what the exchange refuses by itself."""

import logging
import sqlite3

import pytest

from offer_sandbox.contract import (
    INFRASTRUCTURE,
    Call,
    CallError,
    Credential,
    Dialect,
    Operation,
    Outcome,
    Parts,
    Provider,
    Reply,
    Request,
    RequestIssue,
    Response,
)
from offer_sandbox.exchange.live_keys import LiveKeys
from offer_sandbox.exchange.pipeline import Pipeline
from offer_sandbox.rules.repository import RULES
from offer_sandbox.schemas.fields import AnswerSchema, Integer, String
from offer_sandbox.world.collection import Collection
from offer_sandbox.world.store.sqlite import SqliteStore
from offer_sandbox.world.workspaces import Beginning, Workspaces

TOYS = Collection(provider="toy", name="toys", key="id")


class Toy(AnswerSchema):
    """A toy as answered."""

    id = String(required=True)
    size = Integer(required=True)


class Broken(AnswerSchema):
    """A refusal."""

    error = String(required=True)


def make(call: Call) -> Reply:
    """Stores a toy first and looks at what was asked afterwards."""
    ordinal = call.world.next_ordinal("toys")
    call.world.put("toys", {"id": str(ordinal), "size": 1})
    match call.request.argument("then"):
        case "refuse":
            raise CallError.of("too_small", "the toy is too small", "query.then")
        case "crash":
            raise RuntimeError("a mistake of ours")
        case "lie":
            return Reply(outcome="success", body={"id": 5})
        case "break":
            raise sqlite3.OperationalError("disk I/O error")
        case "decline":
            return Reply(outcome="success", body={"id": str(ordinal), "size": 1}, declined=True)
        case "magic":
            return Reply(outcome="success", body={"id": str(ordinal), "size": 1}, source="magic")
    return Reply(outcome="success", body={"id": str(ordinal), "size": 1})


def outcome(name: str, status: int, operation: str = "makeToy", **more) -> Outcome:
    """An outcome of the toy."""
    kind = "infrastructure" if name in INFRASTRUCTURE else "error" if status >= 400 else "success"
    return Outcome(
        operation=operation,
        name=name,
        title=name,
        kind=kind,
        status=status,
        evidence="inferred",
        source="toy",
        **more,
    )


def render(found: Outcome, problems, _: Request) -> Response:
    """A toy's refusal."""
    return Response(status=found.status, body={"error": problems[0].reason})


STATUSES = {"unauthorized": 401, "forbidden": 403, "rate_limited": 429, "internal_error": 500, "unavailable": 503}
PARTS = Parts(
    operations=(
        Operation(
            name="makeToy",
            method="POST",
            path="/toys",
            summary="Makes a toy",
            evidence="inferred",
            source="toy",
            handler=make,
            answers={200: Toy()},
        ),
    ),
    outcomes=(
        outcome("success", 200),
        outcome("big", 200),
        outcome("too_small", 409, problem=RequestIssue(outcome="too_small", reason="sample")),
        *(
            outcome(name, status, problem=RequestIssue(outcome=name, reason="sample"))
            for name, status in STATUSES.items()
        ),
        outcome("not_found", 404, "unmatched"),
        outcome("method_not_allowed", 405, "unmatched"),
        outcome("options", 204, "unmatched"),
    ),
    dialect=Dialect(
        credential=lambda request, operation: Credential(names=("any",)),
        render=render,
        error=Broken(),
        security={},
    ),
    fixtures=lambda seed: {"toys": []},
    records={"toys": Toy()},
    new_id=lambda seed, collection, ordinal: str(ordinal),
)
TOY = Provider(
    name="toy",
    title="Toy",
    links=(),
    read_on="2026-11-21",
    roots=("/toys",),
    hosts=(),
    collections=(TOYS,),
    load=lambda: PARTS,
)


@pytest.fixture
def exchange():
    """An exchange with the toy alone."""
    store = SqliteStore(None, [TOYS, RULES])
    entries = []
    made = Pipeline(
        [TOY],
        store,
        Workspaces(Beginning(seed=42), lambda *_: {"toys": []}),
        entries.append,
        live_keys=LiveKeys([]),
    )
    made.told = entries
    yield made
    store.close()


def call(exchange: Pipeline, then: str = "", **headers: str) -> Response:
    """Makes a toy, or whatever comes of it."""
    return exchange.handle(Request(method="POST", path="/toys", query=(("then", then),), headers=headers))[0]


def toys(exchange: Pipeline) -> list[str]:
    """The ids of the toys that are kept."""
    with exchange.store.transaction() as transaction:
        world = exchange.workspaces.open(transaction, "default", "toy")
        return [toy["id"] for toy in world.select("toys")]


def told(answer: Response, name: str) -> str:
    """A header of an answer."""
    return dict(answer.headers)[name]


def test_what_succeeds_is_kept(exchange):
    assert call(exchange).body == {"id": "1", "size": 1}
    assert toys(exchange) == ["1"]


@pytest.mark.parametrize(
    ("then", "status", "name"),
    [
        ("refuse", 409, "too_small"),
        ("crash", 500, "internal_error"),
        ("lie", 500, "internal_error"),
        ("break", 503, "unavailable"),
    ],
)
def test_what_fails_after_writing_leaves_nothing(exchange, caplog, then, status, name):
    """No record, no minted id: the next toy is the first."""
    caplog.set_level(logging.CRITICAL)
    answer = call(exchange, then)
    assert (answer.status, told(answer, "X-Sandbox-Outcome")) == (status, f"toy.makeToy.{name}")
    assert list(answer.body) == ["error"], "in the provider's own form"
    assert toys(exchange) == []
    assert call(exchange).body["id"] == "1"


def test_a_mistake_of_ours_is_logged_and_not_told(exchange, caplog):
    answer = call(exchange, "crash")
    assert "a mistake of ours" not in str(answer)
    assert "a mistake of ours" in caplog.text


def test_an_answer_that_its_schema_refuses_never_goes_out(exchange, caplog):
    answer = call(exchange, "lie")
    assert answer.status == 500
    assert "must be a string" in caplog.text


def test_a_forced_refusal_does_not_call_the_handler(exchange):
    answer = call(exchange, **{"x-sandbox-outcome": "too_small"})
    assert (answer.status, told(answer, "X-Sandbox-Trigger")) == (409, "header")
    assert toys(exchange) == []


@pytest.mark.parametrize(
    ("then", "forced", "trigger"),
    [
        ("", None, "natural"),
        ("magic", None, "magic"),
        ("", "success", "header"),
        ("magic", "success", "header"),
        ("decline", "success", "natural"),
        ("decline", "big", "natural"),
    ],
)
def test_the_reply_says_who_decided(exchange, then, forced, trigger):
    """The magic is not told where the outcome was forced, and what was declined was not decided by who forced it."""
    answer = call(exchange, then, **({"x-sandbox-outcome": forced} if forced else {}))
    assert told(answer, "X-Sandbox-Outcome") == "toy.makeToy.success"
    assert told(answer, "X-Sandbox-Trigger") == trigger


def test_a_forced_outcome_that_the_handler_ignores_is_a_mistake(exchange, caplog):
    """Else the journal would tell that somebody decided who did not."""
    answer = call(exchange, **{"x-sandbox-outcome": "big"})
    assert (answer.status, toys(exchange)) == (500, [])
    assert "big was forced, but the handler returned success" in caplog.text


def test_every_exchange_is_in_the_journal(exchange):
    answer = call(exchange, "refuse")
    entry = exchange.told[-1].entry()
    assert entry["id"] == told(answer, "X-Sandbox-Request-Id")
    assert entry["reason"] == "query.then: the toy is too small"
    assert entry["problems"][0]["field"] == "query.then"

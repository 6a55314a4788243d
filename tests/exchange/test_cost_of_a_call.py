"""What each operation's plain success call costs: SQL statements, parses, path matches, schema checks."""

import json
import sqlite3
from collections import Counter
from typing import Any

import pytest
from flask.testing import FlaskClient

from catalog_steps import CALLS, plain
from offer_sandbox.app import Options, create_app
from offer_sandbox.exchange.journal_entry import ExchangeRecord
from offer_sandbox.exchange.path_table import PathTable
from offer_sandbox.schemas.validator import Validator

KINDS = ("statements", "parses", "matches", "checks")
# By operation: SQL statements of a server without a folder (BEGIN, COMMIT and savepoints among them; a file has one
# more for each transaction that looks whether another process has written), parses of the request's
# body, matches of its path (GraphQL has one path), checks by a schema. Whoever lowers one lowers it here.
COSTS = {
    "covent.createOffer": (8, 1, 1, 2),
    "covent.getOffer": (1, 0, 1, 1),
    "covent.updateOffer": (4, 1, 1, 2),
    "covent.acceptOffer": (4, 1, 1, 2),
    "covent.rejectOffer": (4, 1, 1, 2),
    "covent.listListings": (2, 0, 1, 2),
    "covent.createListing": (6, 1, 1, 2),
    "covent.getListing": (1, 0, 1, 1),
    "covent.updateListing": (4, 1, 1, 2),
    "covent.createIndividual": (6, 1, 1, 2),
    "covent.updateIndividual": (4, 1, 1, 2),
    "covent.updateIndividualBuyBox": (4, 1, 1, 2),
    "covent.addIndividualEmail": (5, 1, 1, 2),
    "ebay.sendOfferToInterestedBuyers": (9, 1, 1, 3),
    "ebay.findEligibleItems": (3, 0, 1, 3),
    "ebay.token": (7, 0, 1, 2),
    "estateprime.listOffers": (2, 1, 1, 3),
    "estateprime.getOffer": (1, 0, 1, 1),
    "estateprime.getListing": (1, 0, 1, 1),
    "estateprime.getRequest": (1, 0, 1, 1),
    "estateprime.getContact": (1, 0, 1, 1),
    "estateprime.listUsers": (2, 0, 1, 3),
    "estateprime.listContracts": (2, 0, 1, 3),
    "opendoor.offerRequestCreate": (6, 1, 0, 0),
    "opendoor.offerRequestUpdate": (4, 1, 0, 0),
    "opendoor.offerRequest": (1, 1, 0, 0),
    "opendoor.offerRequestWithProductsPricing": (1, 1, 0, 0),
    "sibi.getOffer": (1, 0, 1, 1),
    "sibi.listOffers": (2, 0, 1, 2),
    "sibi.createOffer": (10, 1, 1, 2),
    "sibi.updateOfferBuyoutAmount": (4, 1, 1, 2),
    "sibi.updateOfferCreditAmount": (4, 1, 1, 2),
    "sibi.getProduct": (0, 0, 1, 2),
    "sibi.cancelOrder": (5, 1, 1, 2),
}


class Costs:
    """An application whose work is counted while `counting` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.counting = False
        self.counts: Counter[str] = Counter()
        self._body: Any = None
        connect = sqlite3.connect

        def traced(database: Any, *rest: Any, **options: Any) -> sqlite3.Connection:
            connection = connect(database, *rest, **options)
            connection.set_trace_callback(lambda _: self._count("statements"))
            return connection

        monkeypatch.setattr(sqlite3, "connect", traced)
        self._watch(monkeypatch, PathTable, "match", "matches")
        self._watch(monkeypatch, Validator, "issues", "checks")
        self._watch_parses(monkeypatch)
        self.client: FlaskClient = create_app(Options()).test_client()

    def _count(self, kind: str) -> None:
        if self.counting:
            self.counts[kind] += 1

    def _watch(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, kind: str) -> None:
        former = getattr(owner, name)

        def watched(*arguments: Any, **options: Any) -> Any:
            self._count(kind)
            return former(*arguments, **options)

        monkeypatch.setattr(owner, name, watched)

    def _watch_parses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Counts how often the body of the request is decoded; other texts, such as stored records, do not count."""
        former = json.JSONDecoder.decode

        def watched(decoder: json.JSONDecoder, text: str, *arguments: Any) -> Any:
            if self._body and text.encode() == self._body:
                self._count("parses")
            return former(decoder, text, *arguments)

        monkeypatch.setattr(json.JSONDecoder, "decode", watched)

    def of(self, operation: str) -> dict[str, int]:
        """The costs of the last of the operation's steps in a workspace in which both were called already."""
        *before, last = plain(*operation.split("."))["steps"]
        for step in (
            last,
            *before,
        ):  # once elsewhere: what is loaded and compiled with the first call is not its cost
            self._send(step, "elsewhere")
        self.client.get(
            "/__admin/snapshot", headers={"X-Sandbox-Workspace": "here"}
        )  # every provider's records are there
        for step in before:
            self._send(step, "here")
        self._send(last, "here", {"X-Sandbox-Outcome": "unavailable"})  # the workspace is known to the operation
        self.counts.clear()
        self.counting = True
        answer = self._send(last, "here")
        self.counting = False
        assert answer.status_code < 300, answer.text
        return {kind: self.counts[kind] for kind in KINDS}

    def _send(self, step: dict[str, Any], workspace: str, more: dict[str, str] | None = None) -> Any:
        body = step["body"]
        content = b"" if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
        self._body = content
        headers = {**step["headers"], "X-Sandbox-Workspace": workspace, **(more or {})}
        return self.client.open(step["path"], method=step["method"], headers=headers, data=content)


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> Costs:
    return Costs(monkeypatch)


@pytest.mark.parametrize("operation", COSTS)
def test_a_plain_success_costs_exactly_this(costs: Costs, operation: str):
    assert costs.of(operation) == dict(zip(KINDS, COSTS[operation], strict=True))


def test_every_operation_has_its_costs():
    assert list(COSTS) == [f"{provider.name}.{operation.name}" for provider, operation in CALLS]


def test_no_entry_of_the_journal_is_made_before_it_is_read(monkeypatch: pytest.MonkeyPatch):
    """Without a folder: with one, the next batch makes them."""
    made, former = [], ExchangeRecord.entry

    def entry(record: ExchangeRecord) -> dict[str, Any]:
        if record.workspace == "demo":  # and not an exchange that another test's journal still writes down
            made.append(record.operation)
        return former(record)

    monkeypatch.setattr(ExchangeRecord, "entry", entry)
    client = create_app(Options()).test_client()
    for provider, operation in CALLS:
        for step in plain(provider.name, operation.name)["steps"]:
            body = step["body"]
            content = b"" if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
            client.open(step["path"], method=step["method"], headers=step["headers"], data=content)
    assert made == []
    listed = client.get("/__admin/requests?workspace=demo").json["requests"]
    assert len(listed) == len(made) >= len(CALLS)
    client.get("/__admin/requests?workspace=demo")
    assert len(made) == len(listed), "each once"

"""Several root fields in one GraphQL document: which of them decides, and what a failure of one does to the others."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from graphql_calls import OFFERED_ID
from offer_sandbox.app import Options, create_app
from offer_sandbox.world.world import World

HERE = {"X-Sandbox-Workspace": "w"}
OFFER_STATES = ["offerRequest", "offerRequestWithProductsPricing"]


@pytest.fixture
def client() -> FlaskClient:
    return create_app(Options()).test_client()


@pytest.mark.parametrize("forced", OFFER_STATES)
def test_an_outcome_that_was_forced_on_a_skipped_field_decides_nothing(client: FlaskClient, forced: str):
    """The outcome is forced on the first root field of the document; another one that is resolved first is natural."""
    [other] = [name for name in OFFER_STATES if name != forced]
    argument = f'(opendoorOfferRequestId: "{OFFERED_ID}")'
    query = f"{{ x: {forced}{argument} @skip(if: true) {{ __typename }} y: {other}{argument} {{ __typename }} }}"
    headers = {**HERE, "Authorization": "Basic sbx_w", "X-Sandbox-Outcome": "OFFERED"}
    answer = client.post("/graphql", json={"query": query}, headers=headers)
    assert answer.headers["X-Sandbox-Outcome"] == f"opendoor.{other}.OFFERED"
    assert answer.headers["X-Sandbox-Trigger"] == "natural"


def test_after_a_mistake_no_further_root_field_is_carried_out(client: FlaskClient, monkeypatch, caplog):
    """What SQLite has ended cannot be taken back any more, so that nothing may follow."""
    calls: list[str] = []

    def put(self: World, collection: str, *documents: Any) -> None:
        calls.append(collection)
        raise RuntimeError("disk I/O error")

    monkeypatch.setattr(World, "put", put)
    address = '{street1: "1 Post St", city: "San Francisco", state: "CA", postalCode: "94104"}'
    field = f"offerRequestCreate(params: {{address: {address}}}) {{ offerRequest {{ offerStatus }} }}"
    answer = client.post(
        "/graphql",
        json={"query": f"mutation {{ a: {field} b: {field} c: {field} }}"},
        headers={**HERE, "Authorization": "Basic sbx_w"},
    )
    assert answer.headers["X-Sandbox-Outcome"] == "opendoor.offerRequestCreate.internal_error"
    assert calls == ["offerRequests"]
    assert "disk I/O error" in caplog.text

"""What a refused call leaves behind (nothing), whom a call wakes, what waits while a call waits."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from offer_sandbox.app import Options, create_app
from offer_sandbox.contract import Request
from offer_sandbox.providers.covent import samples
from offer_sandbox.webhooks.dispatcher import Dispatcher
from offer_sandbox.world.world import World

HERE = {"X-Sandbox-Workspace": "w", "Authorization": "Bearer sbx_w"}
OFFER_STATES = ["offerRequest", "offerRequestWithProductsPricing"]


@pytest.fixture
def client() -> FlaskClient:
    return create_app(Options()).test_client()


def admin(client: FlaskClient, method: str, path: str, body: Any = None) -> Any:
    """A control call that must succeed."""
    answer = client.open(f"/__admin{path}", method=method, json=body, headers={"X-Sandbox-Workspace": "w"})
    assert answer.status_code < 300, answer.text
    return answer.get_json(silent=True)


@pytest.mark.parametrize(
    ("rule", "headers"),
    [
        ({"operation": "covent.*", "fault": {"type": "EMPTY_RESPONSE"}}, {}),
        ({"operation": "covent.*", "match": {"path.id": "x"}, "status": 500}, {"X-Sandbox-Fault": "HANG"}),
    ],
    ids=["by a rule", "by a header"],
)
def test_a_call_that_the_sandbox_refuses_stores_not_even_the_fixtures(client: FlaskClient, rule, headers):
    """The connection of this server cannot be broken; the rule is all that the workspace has."""
    admin(client, "POST", "/rules", rule)
    refused = client.post("/api/v1/offers", json=samples.CREATE_OFFER, headers={**HERE, **headers})
    assert refused.status_code == 501
    assert admin(client, "GET", "/workspaces/w")["records"] == 1
    assert admin(client, "GET", "/rules")["rules"][0]["matched"] == 0


@pytest.mark.parametrize("rules", [0, 1])
def test_whoever_sends_webhooks_is_woken_once_by_a_call_that_stores(client: FlaskClient, monkeypatch, rules: int):
    woken: list[str] = []
    monkeypatch.setattr(Dispatcher, "wake", lambda _, name: woken.append(name))
    client = create_app(Options()).test_client()
    admin(client, "PUT", "/settings", {"webhooks": {"sibi": {"url": "http://127.0.0.1:9/"}}})
    for _ in range(rules):
        admin(client, "POST", "/rules", {"operation": "sibi.*", "match": {"path.id": "x"}, "status": 500})
    woken.clear()  # settings wake too
    client.post("/offers/nobody/buyout", json={"buyoutAmount": 1}, headers=HERE)
    assert woken == ["w"], "the fixtures were stored"
    client.get("/offers/offer-123", headers=HERE)
    assert woken == ["w"], "a read stores nothing"


def test_a_postponed_call_keeps_no_body_while_it_waits():
    """The server has the request, and hands it over again."""
    app = create_app(Options())
    client, pipeline = app.test_client(), app.extensions["offer_sandbox"].pipeline
    delay = {"type": "fixed", "milliseconds": 5}
    rule = {"operation": "covent.createOffer", "delay": delay, "phase": "before", "match": {"body.amount": 410000}}
    admin(client, "POST", "/rules", rule)
    content = app.json.dumps({**samples.CREATE_OFFER, "amount": 410000}).encode()
    headers = {name.lower(): value for name, value in HERE.items()} | {"content-type": "application/json"}
    request = Request(method="POST", path="/api/v1/offers", headers=headers, body=content)
    _, delivery = pipeline.handle(request)
    waiting = delivery.resume
    assert (waiting.request.body, waiting.route.request.body) == (b"", b"")
    assert not any(isinstance(value, World) for value in vars(waiting).values())
    assert "matcher" not in vars(waiting)
    response, delivery = pipeline.handle(request, waiting)
    assert (response.status, delivery.delay_ms) == (200, 0)
    assert response.body["amount"] == 410000

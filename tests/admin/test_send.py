"""`POST /__admin/send`: a call to a provider that the caller cannot send himself, answered as if he had."""

import json

import pytest
import requests

from running_server import Client

OFFERS = "/estateprime/api/offers"


def headers(**given: str) -> list[dict[str, str]]:
    """Headers as the call takes them."""
    return [{"name": name.replace("_", "-"), "value": value} for name, value in given.items()]


def sent(client: Client, method: str, target: str, body: str = "", **given: str) -> dict:
    """What the provider answered."""
    own = {"X_Sandbox_Workspace": client.workspace, **given}
    return client.admin(
        "POST", "/send", {"method": method, "target": target, "headers": headers(**own), "body": body}
    )


def test_a_get_with_a_body_is_answered_as_if_it_came_from_the_client(client):
    own = {"Authorization": "Basic c2J4X2RlbW86c2VjcmV0", "Content_Type": "application/json"}
    answer = sent(client, "GET", f"{OFFERS}?page=2", '{"store_id": 2}', **own)
    direct = client.call(
        "GET",
        OFFERS,
        params={"page": "2"},
        data='{"store_id": 2}',
        headers={name.replace("_", "-"): value for name, value in own.items()},
    )
    assert answer["status"] == 200
    assert answer["body"] == direct.text
    names = {each["name"].lower(): each["value"] for each in answer["headers"]}
    assert names["x-sandbox-outcome"] == "estateprime.listOffers.success"
    assert names["x-sandbox-workspace"] == client.workspace


def test_the_journal_has_the_call_with_its_body(client):
    answer = sent(
        client, "POST", "/api/v1/offers", '{"amount": 1}', Authorization="Bearer x", Content_Type="text/plain"
    )
    id = next(each["value"] for each in answer["headers"] if each["name"] == "X-Sandbox-Request-Id")
    entry = client.admin("GET", f"/requests/{id}")
    assert answer["status"] == entry["response"]["status"] == 415
    assert entry["request"]["body"] == '{"amount": 1}'


def test_the_path_and_the_query_are_decoded_once(client):
    answer = sent(client, "GET", "/offers/offer%2D123?a=%25", Authorization="Bearer x")
    assert json.loads(answer["body"])["id"] == "offer-123"


@pytest.mark.parametrize(
    ("method", "target", "given", "body"),
    [
        ("HEAD", "/offers/offer-123", {}, ""),
        ("GET", "//offers/offer-123", {}, ""),
        ("POST", "/offers", {"Content_Type": "application/json", "Content_Encoding": "gzip"}, "no gzip"),
        ("POST", "/offers", {"Content_Type": "application/json"}, "{}"),
        ("GET", "/offers?page=1&page=2", {}, ""),
    ],
)
def test_it_is_answered_as_the_same_call_from_outside(client, method, target, given, body):
    own = {"Authorization": "Bearer x", **given}
    answer = sent(client, method, target, body, **own)
    headers = {name.replace("_", "-"): value for name, value in own.items()}
    direct = client.call(method, target, data=body.encode(), headers=headers)
    assert (answer["status"], answer["body"]) == (direct.status_code, direct.text)


def test_a_repeated_header_is_joined_as_on_the_wire(client):
    twice = [{"name": "X-Sandbox-Workspace", "value": name} for name in ("aa", "bb")]
    answer = client.admin("POST", "/send", {"method": "GET", "target": "/offers/offer-123", "headers": twice})
    assert answer["status"] == 400


def test_the_response_names_the_workspace_of_the_providers_call(client):
    body = {"method": "GET", "target": "/offers", "headers": headers(Authorization="Bearer sbx_sent-there")}
    assert client.call("POST", "/__admin/send", json=body).headers["X-Sandbox-Workspace"] == "sent-there"


def test_the_head_has_the_limit_of_every_request(client):
    given = headers(Accept="a/b;q=0.1," * 6000, X_More="x" * 6000)
    answer = client.call("POST", "/__admin/send", json={"method": "GET", "target": "/offers", "headers": given})
    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (422, "headers")


def test_a_path_of_nobody_is_the_providers_404(client):
    assert sent(client, "GET", "/__admin/rules")["status"] == 404


def test_a_delay_holds_the_call_and_a_fault_breaks_it(client):
    target, own = "/offers/offer-123", {"Authorization": "Bearer x"}
    given = headers(X_Sandbox_Fault="CONNECTION_RESET_BY_PEER", X_Sandbox_Workspace=client.workspace, **own)
    with pytest.raises(requests.ConnectionError):
        requests.post(
            f"{client.url}/__admin/send", json={"method": "GET", "target": target, "headers": given}, timeout=30
        )
    answer = client.session.post(
        f"{client.url}/__admin/send",
        json={"method": "GET", "target": target, "headers": headers(X_Sandbox_Delay="300", **own)},
        timeout=30,
    )
    assert answer.elapsed.total_seconds() >= 0.3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"method": "TRACE"}, "method"),
        ({"target": "offers"}, "target"),
        ({"target": "/offers/a b"}, "target"),
        ({"target": "http://api.example.com/offers"}, "target"),
        ({"headers": headers(a="x\r\ny: z")}, "headers.0.value"),
        ({"headers": [{"name": "a b", "value": ""}]}, "headers.0.name"),
        ({"headers": headers(a="\u20ac")}, "headers.0.value"),
        ({"headers": headers(a="1") * 101}, "headers"),
        ({"body": {"store_id": 2}}, "body"),
        ({"follow": True}, "follow"),
    ],
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_what_is_no_request_is_refused_and_sends_nothing(client, change, field):
    before = client.admin("GET", "/requests")
    body = {"method": "GET", "target": "/offers/offer-123", **change}
    answer = client.call("POST", "/__admin/send", json=body)
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["field"] == field
    assert client.admin("GET", "/requests") == before


@pytest.mark.parametrize("text", ['"\\ud800"', '"\\u0000"'], ids=["half a pair", "zero"])
def test_a_body_of_any_text_never_ends_in_an_error_of_the_sandbox(client, text):
    raw = f'{{"method": "POST", "target": "/api/v1/offers", "body": {text}}}'
    answer = client.call("POST", "/__admin/send", data=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 400, 422)

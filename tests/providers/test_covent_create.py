"""Covent, Create A New Offer Against A Listing: the printed call, its rules, its refusals."""

import json
import re
from contextlib import closing
from http.client import HTTPConnection

import pytest

from covent_calls import JSON, covent, create, faults, read
from offer_sandbox.providers.covent import samples
from offer_sandbox.providers.covent.fixtures import build
from running_server import Client, outcome

SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.mark.documented(
    "covent:1", "covent:3", "covent:7", "covent:8", "covent:9", "covent:10", "covent:35b", "covent:38a",
    "covent:38b", "covent:40", "covent:42", "covent:44", "covent:46", "covent:48", "covent:50", "covent:52",
)  # fmt: skip
@pytest.mark.parametrize("host", [None, "api.getcovent.com"])
def test_the_printed_call(client: Client, host):
    answer = covent(client, "POST", "/offers", samples.CREATE_OFFER, Host=host)
    assert (answer.status_code, outcome(answer)) == (200, "success")
    made = answer.json()
    assert list(made) == list(samples.OFFER_CREATED), "the documented fields, in order, and no notes"
    same = ("listing_id", "individual_id", "amount", "status", "terms")
    assert {name: made[name] for name in same} == {name: samples.OFFER_CREATED[name] for name in same}
    assert re.fullmatch("off_[a-z0-9]{12}", made["id"])
    assert SECOND.fullmatch(made["created_at"])
    assert made["updated_at"] == made["created_at"]
    assert "Location" not in answer.headers


@pytest.mark.documented("covent:54")
def test_the_printed_answer_on_demand(client: Client):
    before = client.world()
    answer = covent(client, "POST", "/offers", b"{nothing", **{"X-Sandbox-Outcome": "documented"})
    assert json.dumps(answer.json()) == json.dumps(samples.OFFER_CREATED), "the same order of keys too"
    assert client.world() == before


def test_payload_times_are_the_clocks(client: Client):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2031-02-03T04:05:06.789Z"})
    assert create(client).json()["created_at"] == "2031-02-03T04:05:06Z"


def test_fresh_workspaces_mint_the_same_ids(fresh):
    first, second = ([create(client).json()["id"] for _ in range(3)] for client in (fresh(), fresh()))
    assert first == second
    assert len(set(first)) == 3


@pytest.mark.parametrize("amount", [1, 0.01, 372000.5, 1e15, 12345678901234567890])
def test_an_amount_comes_back_equal(client: Client, amount):
    made = create(client, amount=amount)
    assert made.json()["amount"] == amount
    assert read(client, made.json()["id"]).json()["amount"] == amount


def test_a_whole_amount_has_no_fraction(client: Client):
    answer = covent(
        client, "POST", "/offers", json.dumps(samples.CREATE_OFFER).replace("372000", "372000.0").encode()
    )
    assert '"amount":372000,' in answer.text


@pytest.mark.parametrize("terms", [{}, {"contingencies": [{"kind": "loan", "days": 3.5}], "note": None}])
def test_terms_come_back_as_given(client: Client, terms):
    made = create(client, terms=terms).json()
    assert made["terms"] == terms
    assert read(client, made["id"]).json()["terms"] == terms


def test_empty_notes_are_a_string(client: Client):
    assert create(client, notes="").status_code == 200


@pytest.mark.documented("covent:27", "covent:29", "covent:31", "covent:33", "covent:35a")
@pytest.mark.parametrize("missing", list(samples.CREATE_OFFER))
@pytest.mark.parametrize("value", [..., None])
def test_every_field_is_required(client: Client, missing, value):
    assert faults(create(client, **{missing: value})) == [missing]
    assert len(client.state("covent/offers")) == len(build(42)["offers"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("listing_id", value) for value in (1, "", " ", "lst_999", ["lst_123"], True)),
        *(("individual_id", value) for value in (1, "", " ", "lst_123", {})),
        *(("amount", value) for value in (0, -1, -0.5, "372000", True, [], {})),
        *(("terms", value) for value in ([], "7 days", 7, True)),
        *(("notes", value) for value in (7, [], False)),
    ],
)
def test_an_invalid_field_is_named(client: Client, field, value):
    before = client.world()
    answer = create(client, **{field: value})
    assert faults(answer) == [field]
    assert field in answer.headers["X-Sandbox-Reason"]
    assert client.world() == before


def test_several_faults_are_told_together_in_field_order(client: Client):
    answer = create(client, notes=5, terms=..., amount=-1, individual_id="nobody", listing_id="nothing")
    assert faults(answer) == ["listing_id", "individual_id", "amount", "terms", "notes"]
    amount = answer.json()["error"]["details"][2]
    assert amount["message"] == "must be a number greater than 0"


def test_unknown_fields_are_ignored_and_noted(client: Client):
    answer = create(client, currency="USD")
    assert answer.status_code == 200
    entry = client.admin("GET", f"/requests/{answer.headers['X-Sandbox-Request-Id']}")
    assert any("body.currency" in note for note in entry["notes"])


@pytest.mark.documented("covent:25", "covent:26")
@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json; charset=utf-8", 200),
        ("Application/JSON", 200),
        (None, 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/json-patch+json", 415),
    ],
)
def test_the_content_type_is_json(client: Client, content_type, status):
    body = json.dumps(samples.CREATE_OFFER).encode()
    answer = client.call("POST", "/api/v1/offers", data=body, headers={**JSON, "Content-Type": content_type})
    assert answer.status_code == status
    assert status == 200 or answer.json()["error"]["code"] == "unsupported_media_type"


@pytest.mark.documented("covent:24")
@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("*/*", 200),
        ("application/*", 200),
        ("text/html, application/json;q=0.1", 200),
        (None, 200),
        ("text/html", 406),
        ("application/json;q=0, text/plain", 406),
        ("application/xml", 406),
    ],
)
def test_the_answer_is_json_or_nothing(client: Client, accept, status):
    answer = covent(client, "POST", "/offers", samples.CREATE_OFFER, Accept=accept)
    assert answer.status_code == status
    assert status == 200 or answer.json()["error"]["code"] == "not_acceptable"


@pytest.mark.documented("covent:23")
@pytest.mark.parametrize("accept", [{}, {"Accept": ""}, {"Accept": " "}])
@pytest.mark.parametrize("path", ["/offers/off_123", "/listings"])
def test_the_accept_header_is_required_on_request(client: Client, path, accept):
    headers = {**accept, "Authorization": "Bearer sbx_test", "X-Sandbox-Workspace": client.workspace}
    address = client.url.removeprefix("http://")

    with closing(HTTPConnection(address, timeout=30)) as connection:  # `requests` always sends the header
        connection.request("GET", f"/api/v1{path}", headers=headers)
        relaxed = connection.getresponse()
        assert (relaxed.status, len(relaxed.read()) > 0) == (200, True)
        client.admin("PUT", "/settings", {"switches": {"covent.headers": "strict"}})
        connection.request("GET", f"/api/v1{path}", headers=headers)
        refused = connection.getresponse()
        assert (refused.status, json.load(refused)["error"]["code"]) == (406, "not_acceptable")
        assert "covent.headers" in refused.headers["X-Sandbox-Reason"]
    assert covent(client, "GET", path, Accept="*/*").status_code == 200


@pytest.mark.documented("covent:21")
@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic sbx_test", "sbx_test"])
def test_a_bearer_token_is_required(client: Client, authorization):
    answer = covent(client, "POST", "/offers", samples.CREATE_OFFER, Authorization=authorization)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json() == {"error": {"code": "unauthorized", "message": answer.json()["error"]["message"]}}


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"text"', b"{", b"\xff", b'{"amount": NaN}'])
def test_a_body_that_is_no_object(client: Client, body):
    answer = covent(client, "POST", "/offers", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_json")
    assert "details" not in answer.json()["error"]


def test_a_body_that_is_too_large(client: Client):
    answer = covent(client, "POST", "/offers", b" " * (1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "payload_too_large")


def test_a_draft_takes_no_offers(client: Client):
    answer = create(client, listing_id="lst_draft")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "listing_not_active")
    assert "lst_draft" in answer.headers["X-Sandbox-Reason"]
    assert faults(create(client, listing_id="lst_draft", amount=0)) == ["amount"], "invalid fields come first"


def test_what_is_refused_first(client: Client):
    """Authentication, Accept, content type, JSON, fields."""
    html = {"Accept": "text/html", "Content-Type": "text/plain"}
    assert covent(client, "POST", "/offers", b"{", **html, Authorization=None).status_code == 401
    assert covent(client, "POST", "/offers", b"{", **html).status_code == 406
    assert covent(client, "POST", "/offers", b"{", **{"Content-Type": "text/plain"}).status_code == 415
    assert covent(client, "POST", "/offers", b"{").status_code == 400


def test_the_path_has_no_list(client: Client):
    answer = covent(client, "GET", "/offers")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST, OPTIONS")


def test_the_world_that_every_workspace_begins_with(client: Client):
    listings, individuals = client.state("covent/listings"), client.state("covent/individuals")
    assert [each["id"] for each in listings[:2]] == ["lst_123", "lst_124"]
    assert sum(each["status"] == "active" for each in listings if not each["id"][4].isalpha()) == 11
    assert {each["id"] for each in listings} >= {"lst_draft", "lst_accepts", "lst_rejects", "lst_expires"}
    assert len(individuals) == 11
    assert individuals[0]["id"] == "ind_123"

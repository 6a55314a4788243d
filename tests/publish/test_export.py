"""A journal's entry, exported as curl, pytest or HAR, makes the call again and ends in the same outcome."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import requests

from catalog_steps import CATALOG, sender
from exported_calls import (
    assert_laid_out,
    assert_reproduced,
    assert_valid,
    by_archive,
    by_curl,
    call_of,
    passes,
    recorded,
    remade,
    wire,
)
from offer_sandbox.providers import providers
from offer_sandbox.publish import export
from offer_sandbox.publish.examples import FROZEN, walk
from running_server import EBAY_FIND, EBAY_TOKEN, Client, Server
from stub_server import StandIn

PAIR = base64.b64encode(b"sbx_demo:secret").decode()
# Opendoor's denials differ in one word of their calls, and so do the words of credentials but for one.
SPARED = {"forbidden", "rate_limited", "internal_error"}
ENTRIES = [
    entry
    for entry in CATALOG
    if entry["steps"]
    and (entry["provider"], entry["kind"]) != ("opendoor", "denial")
    and entry["outcome"] not in SPARED
]
ODD = "a \"b\" 'c' & d=e+f é 😀 $HOME `x` \\n !? %41 #"
ESTATEPRIME = {"Authorization": f"Basic {PAIR}", "Content-Type": "application/json"}
EBAY = {"Authorization": "Bearer sbx_demo", "X-EBAY-C-MARKETPLACE-ID": "EBAY_US"}
JSON_TYPE = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def exported(server: Server, tmp_path_factory) -> Iterator[list[str]]:
    """Files that the tests exported; they are run together, since a process for each takes its time."""
    texts: list[str] = []
    yield texts
    passes(tmp_path_factory.mktemp("exported"), *texts)


def begin(client: Client, entry: dict[str, Any]) -> None:
    """Leads a workspace to where an entry's last step is sent; its time stands still."""
    client.admin("POST", "/reset", {"scope": ["state", "clock", "settings"]})
    client.admin("PUT", "/clock", FROZEN)
    walk({**entry, "steps": entry["steps"][:-1]}, client.workspace, sender(client))


def again(client: Client, entry: dict[str, Any]) -> None:
    """Leads it there once more, after a call that may have changed something."""
    if entry["status"] < 400:
        begin(client, entry)


def last_step(client: Client, entry: dict[str, Any]) -> requests.Response:
    step = entry["steps"][-1]
    body = step["body"]
    raw = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return wire(client, step["method"], step["path"], step["headers"], raw)


def test_every_kind_of_outcome_is_reached_again_each_way(fresh, exported):
    for each in ENTRIES:
        client = fresh()
        begin(client, each)
        entry = recorded(client, last_step(client, each))
        assert entry["outcome"] == each["id"]
        call, was = call_of(client, entry), (each["status"], each["id"])
        archive, command = export.har(entry, call), export.curl(entry, call)
        assert_valid(archive)
        again(client, each)
        assert by_curl(command) == was, each["id"]
        again(client, each)
        assert by_archive(archive) == was, each["id"]
        again(client, each)
        exported.append(export.pytest(entry, call))


@pytest.mark.parametrize(
    ("method", "path", "headers", "body"),
    [
        ("GET", f"/api/offers?{requests.compat.urlencode({'a b': ODD, '': '&', 'x': ''})}", ESTATEPRIME, b"{}"),
        ("GET", "/api/offers", ESTATEPRIME, json.dumps({"note": ODD + "\n\t\\"}, ensure_ascii=False).encode()),
        ("GET", "/api/offers/%C3%A9%20%22%27%3F%23%25", ESTATEPRIME, b""),
        ("GET", "/estateprime/a/%2E%2E/%2e/b", ESTATEPRIME, b""),
        ("GET", "/estateprime//api//offers", ESTATEPRIME, b""),
        ("GET", "/api/offers/54", {**ESTATEPRIME, "X-Note": ODD[:20] + "$(id) \\ %s"}, b""),
        (
            "GET",
            "/api/offers/54",
            {**ESTATEPRIME, "X-Note": "é'%\\".encode("latin-1"), "X-Also": "é'".encode()},
            b"",
        ),
        ("GET", "/api/offers/54", {**ESTATEPRIME, "X-Empty": ""}, b""),
        ("HEAD", "/api/offers/54", ESTATEPRIME, b""),
        ("HEAD", "/api/offers", ESTATEPRIME, b'{"page": 1}'),
        ("OPTIONS", "/api/offers", ESTATEPRIME, b""),
        ("POST", "/api/offers", ESTATEPRIME, b""),
        ("GET", "/api/offers", ESTATEPRIME, b"@/etc/hostname"),
        ("GET", "/api/offers", ESTATEPRIME, b"line\r\nand \x00 and \x1b[1m"),
        ("GET", "/api/offers", {"Authorization": f"Basic {PAIR}"}, b"{}"),
        ("GET", "/api/offers/54?__outcome=not_found", ESTATEPRIME, b""),
        ("GET", "/api/offers/54", {**ESTATEPRIME, "Prefer": 'example="rate_limited"'}, b""),
        ("GET", "/api/offers/54", {**ESTATEPRIME, "X-Sandbox-Outcome": "estateprime.getOffer.forbidden"}, b""),
        ("POST", "/graphql", {"Authorization": "Basic sbx_demo"}, b'{"query": "{ __typename }"}'),
        ("POST", "/graphql", {"Authorization": "basic sbx_demo", **JSON_TYPE, "Accept": "text/html"}, b"{}"),
        ("GET", "/graphql?query=%7B__typename%7D", {"Authorization": "Basic sbx_demo"}, b""),
        ("GET", "/no-such-path", {"Host": "estateprime.localhost", **ESTATEPRIME}, b""),
        ("GET", "/api/v1/offers/off_123", {"Host": "estateprime.localhost", **ESTATEPRIME}, b""),
        ("GET", "/api/offers/54", {**ESTATEPRIME, "Cookie": "a=b"}, b""),
    ],
)
def test_whatever_a_call_holds_arrives_again(client: Client, exported, method, path, headers, body):
    entry = assert_reproduced(client, wire(client, method, path, headers, body), exported)
    arrived = remade(client, entry)["request"]
    for name in ("method", "query", "body"):
        assert arrived[name] == entry["request"][name]
    assert arrived["path"].removeprefix("/estateprime") == entry["request"]["path"].removeprefix("/estateprime")
    left_out = {"host", "user-agent", "accept-encoding", "connection", "cookie"}
    kept = {name: value for name, value in entry["request"]["headers"].items() if name not in left_out}
    assert {name: value for name, value in arrived["headers"].items() if name not in left_out} == kept


def test_a_body_that_is_no_text_arrives_again(client: Client, exported):
    body = b'{"a": "\xff\xfe\\ \'"}'
    answer = wire(client, "GET", "/api/offers", ESTATEPRIME, body)
    entry = {**recorded(client, answer)}
    entry["request"] |= {"body": base64.b64encode(body).decode(), "body_base64": True}
    call = call_of(client, entry)
    was = answer.status_code, answer.headers["X-Sandbox-Outcome"]
    assert was[1] == "estateprime.listOffers.invalid_json"
    assert "base64 -d | curl" in export.curl(entry, call)
    assert remade(client, entry)["reason"] == entry["reason"]
    assert by_archive(export.har(entry, call)) == was
    exported.append(export.pytest(entry, call))


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "outcome"),
    [
        ("GET", "/api/offers/54", {**ESTATEPRIME, "Authorization": "Basic !!!"}, "", "unauthorized"),
        ("GET", "/api/offers/54", {**ESTATEPRIME, "Authorization": "Basic"}, "", "unauthorized"),
        ("GET", "/api/offers/54", {**ESTATEPRIME, "Authorization": "Bearer sbx_demo"}, "", "unauthorized"),
        ("GET", "/api/offers/54", JSON_TYPE, "", "unauthorized"),
        ("GET", "/offers/offer-123", {"Authorization": "Bearer sbx!"}, "", "unauthorized"),
        ("GET", "/offers/offer-123", {"Authorization": "Bearer sbx_a.b.rate_limited"}, "", "rate_limited"),
        ("GET", "/offers/offer-123", {"Authorization": "bearer anything"}, "", "pending"),
        ("GET", EBAY_FIND, {**EBAY, "Authorization": "Bearer v^1.1#i^1"}, "", "unauthorized"),
        ("GET", EBAY_FIND, {**EBAY, "Authorization": "Bearer"}, "", "1002"),
        ("GET", EBAY_FIND, {**EBAY, "Authorization": "Basic sbx_demo"}, "", "1003"),
        ("POST", EBAY_TOKEN, {"Authorization": "Basic !"}, "grant_type=client_credentials", "invalid_client"),
        ("POST", EBAY_TOKEN, {"Authorization": f"Basic {PAIR}"}, "grant_type=client_credentials", "success"),
        (
            "POST",
            EBAY_TOKEN,
            {"Authorization": f"Basic {PAIR}", "X-Sandbox-Outcome": "success"},
            "grant_type=refresh_token",
            "invalid_request",
        ),
        ("GET", "/oauth2/authorize?client_id=sbx!&response_type=code", {}, "", "unauthorized"),
        ("GET", "/oauth2/authorize?client_id=a&response_type=token", {}, "", "invalid_request"),
        ("GET", "/oauth2/authorize?client_id=sbx_a.forbidden&response_type=code", {}, "", "forbidden"),
        ("POST", "/graphql", {**JSON_TYPE, "Authorization": "Basic sbx!"}, '{"query": "{"}', "unauthorized"),
        ("POST", "/graphql", {**JSON_TYPE, "Authorization": "Basic c2J4X2E6"}, '{"query": "{"}', "parse_error"),
    ],
)
def test_what_is_redacted_has_a_stand_in(client: Client, exported, method, path, headers, body, outcome):
    """And what the client sent stands nowhere in the export."""
    if path == EBAY_TOKEN:
        headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    answer = wire(client, method, path, headers, body.encode())
    assert answer.headers["X-Sandbox-Outcome"].rpartition(".")[2] == outcome
    assert_reproduced(client, answer, exported)


def test_a_token_that_was_minted_is_replaced_by_the_key_of_its_workspace(client: Client, exported):
    headers = {"Authorization": f"Basic {PAIR}", "Content-Type": "application/x-www-form-urlencoded"}
    form = b"grant_type=refresh_token&refresh_token=sbx_demo"
    token = wire(client, "POST", EBAY_TOKEN, headers, form).json()["access_token"]
    bearer = {**EBAY, "Authorization": f"Bearer {token}"}
    entry = assert_reproduced(client, wire(client, "GET", EBAY_FIND, bearer), exported)
    call = call_of(client, entry)
    assert call.authorization == f"Bearer sbx_{client.workspace}"
    client.admin("POST", "/clock/advance", {"by": "PT3H"})
    expired = wire(client, "GET", EBAY_FIND, bearer)
    assert expired.headers["X-Sandbox-Outcome"].endswith(".unauthorized")
    texts = [export.curl(entry, call), export.pytest(entry, call), str(export.har(entry, call))]
    assert not any(token in text for text in texts)
    assert_reproduced(client, expired, exported)


@pytest.mark.parametrize(
    ("provider", "operation", "scheme", "word", "header"),
    [
        ("covent", "createOffer", "", "", None),
        ("covent", "createOffer", "Bearer", "", "Bearer sbx_team1"),
        ("covent", "unmatched", "bearer", "forbidden", "bearer sbx_team1.forbidden"),
        ("opendoor", "offerRequest", "Basic", "unavailable", "Basic sbx_team1.unavailable"),
        ("estateprime", "getOffer", "Basic", "", f"Basic {base64.b64encode(b'sbx_team1:secret').decode()}"),
        ("estateprime", "getOffer", "Bearer", "", "Bearer sbx_team1"),
        (
            "ebay",
            "token",
            "Basic",
            "forbidden",
            f"Basic {base64.b64encode(b'sbx_team1.forbidden:sbx_team1.forbidden').decode()}",
        ),
        ("ebay", "findEligibleItems", "Basic", "", "Basic sbx_team1"),
        ("ebay", "authorize", "", "", None),
    ],
)
def test_the_credential_has_the_form_that_the_provider_reads(provider, operation, scheme, word, header):
    given = export.authorization_for(providers()[provider], operation, "team1", scheme, word)
    assert given == header


def test_a_call_that_met_a_rule_asks_for_its_outcome_by_name(client: Client, exported):
    """A rule may be used up when the call is made again."""
    entry = recorded(client, wire(client, "GET", "/offers/offer-123", {"Authorization": "Bearer sbx_demo"}))
    entry |= {"trigger": "rule", "outcome": "sibi.getOffer.offer_not_found"}
    entry["response"]["status"] = 404
    call = call_of(client, entry)
    assert call.outcome == "offer_not_found"
    assert by_curl(export.curl(entry, call)) == (404, "sibi.getOffer.offer_not_found")
    exported.append(export.pytest(entry, call))


def test_a_refusal_of_the_sandbox_itself_is_met_again(client: Client, exported):
    answer = wire(client, "GET", "/offers/offer-123", {"X-Sandbox-Outcome": "no-such"})
    assert answer.status_code == 400
    assert_reproduced(client, answer, exported)


def changed(client: Client) -> dict[str, Any]:
    """The entry of a call that changed a record, made one, and one that nobody may see."""
    answer = wire(client, "GET", "/offers/offer-123", {"Authorization": "Bearer sbx_demo"})
    before = {"id": "offer-1 \u00e9/?", "note": ODD, "list": [1, Decimal("1.50"), None, True, {}, []]}
    return {
        **recorded(client, answer),
        "changes": [
            {"collection": "offers", "id": before["id"], "before": before, "after": {}},
            {"collection": "offers", "id": "offer-2", "before": None, "after": {}},
            {"collection": "secrets", "id": "a", "before": None, "after": {}},
        ],
    }


def test_the_file_puts_back_what_the_call_changed_before_it_and_after_it(client: Client, tmp_path):
    entry = changed(client)
    later = {"changes": [{"collection": "offers", "id": 3, "before": None}, {"collection": "secrets", "id": 4}]}
    with StandIn({"X-Sandbox-Outcome": entry["outcome"], "X-Sandbox-Request-Id": "req"}, later) as stand_in:
        text = export.pytest(entry, call_of(client, entry))
        passes(tmp_path, text, OFFER_SANDBOX_URL=stand_in.url)
    offers = "/__admin/state/sibi/offers"
    assert [call[:2] for call in stand_in.calls] == [
        ("DELETE", f"{offers}/offer-2"),
        ("PUT", f"{offers}/offer-1%20%C3%A9%2F%3F"),
        ("GET", "/offers/offer-123"),
        ("GET", "/__admin/requests/req"),
        ("DELETE", f"{offers}/3"),
    ]
    assert json.loads(stand_in.calls[1][3]) == {
        **entry["changes"][0]["before"],
        "list": [1, 1.5, None, True, {}, []],
    }
    for _, path, headers, _ in stand_in.calls:
        named = {name.lower(): value for name, value in headers.items()}
        assert named["x-sandbox-workspace"] == client.workspace, path
        assert named["authorization"] == f"Bearer sbx_{client.workspace}", path


def test_the_file_is_laid_out_as_formatters_leave_it_whatever_the_lengths(client: Client, tmp_path):
    """Paths, headers, bodies, reasons, ids and records of any length."""
    entry = changed(client)
    for length in range(100):
        filler = ("x'\"y \\" * 20)[:length]
        long = {
            **entry,
            "outcome": f"sibi.getOffer.{'p' * length}",
            "reason": filler,
            "request": {
                **entry["request"],
                "path": f"/offers/{filler}",
                "headers": {**entry["request"]["headers"], "x-note": filler, "x-raw": f"{filler}\xe9"},
                "body": filler,
            },
            "changes": [
                {"collection": "offers", "id": filler, "before": {filler: [filler, {filler: filler}]}},
                {"collection": "offers", "id": 10**length, "before": None},
            ],
        }
        call = replace(call_of(client, entry), url=f"http://{'h' * length}:4242")
        (tmp_path / f"test_{length}.py").write_text(export.pytest(long, call), encoding="utf-8")
    assert_laid_out(tmp_path)

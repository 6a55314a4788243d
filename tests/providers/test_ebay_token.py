"""eBay's token endpoint: grants, lifetimes on the workspace's clock, scopes, OAuth's errors."""

import base64
from urllib.parse import quote

import pytest

from ebay_calls import ids
from running_server import EBAY_FIND, EBAY_TOKEN, Client, outcome

SCOPE = "https://api.ebay.com/oauth/api_scope"


def grant(client: Client, form: str, pair="app:cert", **headers):
    """A call of the token endpoint."""
    basic = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"} if pair else {}
    form_type = {"Content-Type": "application/x-www-form-urlencoded"}
    return client.call("POST", EBAY_TOKEN, data=form, headers={**basic, **form_type, **headers})


def test_an_authorization_code_gives_access_and_refresh(client: Client):
    answer = grant(client, "grant_type=authorization_code&code=sbx_demo&redirect_uri=RuName")
    token = answer.json()
    assert (token["expires_in"], token["refresh_token_expires_in"]) == (7200, 47304000)
    assert token["token_type"] == "User Access Token"
    assert token["access_token"].startswith(f"sbx_{client.workspace}.")
    assert token["refresh_token"].startswith(f"sbx_{client.workspace}.")
    assert client.send(headers={"Authorization": f"Bearer {token['access_token']}"}).status_code == 200


def test_a_refresh_gives_access_only(client: Client):
    first = grant(client, "grant_type=authorization_code&code=sbx_demo&redirect_uri=RuName").json()
    answer = grant(client, f"grant_type=refresh_token&refresh_token={quote(first['refresh_token'], safe='')}")
    assert set(answer.json()) == {"access_token", "expires_in", "token_type"}
    assert answer.json()["access_token"] != first["access_token"]


def test_an_application_token_does_not_open_the_api(client: Client):
    token = grant(client, f"grant_type=client_credentials&scope={SCOPE}").json()
    assert token["token_type"] == "Application Access Token"
    answer = client.send(headers={"Authorization": f"Bearer {token['access_token']}"})
    assert (answer.status_code, ids(answer), outcome(answer)) == (403, [1100], "forbidden")


def test_an_access_token_expires_by_the_clock(client: Client):
    token = grant(client, "grant_type=refresh_token&refresh_token=sbx_demo").json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    client.admin("POST", "/clock/advance", {"by": "PT1H59M"})
    assert client.send(headers=bearer).status_code == 200
    client.admin("POST", "/clock/advance", {"by": "PT1M"})
    answer = client.send(headers=bearer)
    assert (answer.status_code, ids(answer)) == (401, [1001])
    assert "expired at" in answer.headers["X-Sandbox-Reason"]


def test_a_refresh_token_expires_by_the_clock(client: Client):
    token = grant(client, "grant_type=authorization_code&code=sbx_demo&redirect_uri=R").json()["refresh_token"]
    client.admin("POST", "/clock/advance", {"by": "PT47304000S"})
    answer = grant(client, f"grant_type=refresh_token&refresh_token={quote(token, safe='')}")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_refresh_token_is_no_access_token_and_the_other_way_round(client: Client):
    token = grant(client, "grant_type=authorization_code&code=sbx_demo&redirect_uri=R").json()
    assert client.send(headers={"Authorization": f"Bearer {token['refresh_token']}"}).status_code == 401
    answer = grant(client, f"grant_type=refresh_token&refresh_token={quote(token['access_token'], safe='')}")
    assert answer.json()["error"] == "invalid_grant"


def test_tokens_have_the_characters_that_must_be_encoded(client: Client):
    first = grant(client, "grant_type=authorization_code&code=sbx_demo&redirect_uri=R").json()
    for token in (first["access_token"], first["refresh_token"]):
        assert token.startswith(f"sbx_{client.workspace}.v^1#")
        assert set("^#+/=") <= set(token)
    token = first["refresh_token"]
    encoded = quote(token, safe="")
    for wrong in (token, quote(encoded, safe=""), encoded[:-6]):
        answer = grant(client, f"grant_type=refresh_token&refresh_token={wrong}")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
        assert "not issued here" in answer.headers["X-Sandbox-Reason"]
    assert grant(client, f"grant_type=refresh_token&refresh_token={encoded}").status_code == 200


def test_a_token_of_another_client_refreshes_nothing(client: Client):
    token = grant(client, "grant_type=authorization_code&code=sbx_demo&redirect_uri=R", "one:cert").json()[
        "refresh_token"
    ]
    form = f"grant_type=refresh_token&refresh_token={quote(token, safe='')}"
    other = grant(client, form, "two:cert")
    assert (other.status_code, other.json()["error"]) == (400, "invalid_grant")
    assert "issued to another client" in other.headers["X-Sandbox-Reason"]
    assert grant(client, form, "one:cert").status_code == 200


def test_only_texts_in_the_form_of_an_issued_token_must_have_been_issued(client: Client, fresh):
    token = grant(client, "grant_type=authorization_code&code=sbx_demo&redirect_uri=R").json()["access_token"]
    foreign = grant(fresh(), "grant_type=refresh_token&refresh_token=sbx_demo").json()["access_token"]
    for text in (token[:-1], f"{token}x", foreign, f"sbx_{client.workspace}.v^1#"):
        answer = client.send(headers={"Authorization": f"Bearer {text}"})
        assert (answer.status_code, ids(answer)) == (401, [1001])
        assert "not issued here" in answer.headers["X-Sandbox-Reason"]
    for text in (token, f"sbx_{client.workspace}", f"sbx_{client.workspace}.v1", "anything"):
        assert client.ebay("GET", EBAY_FIND, headers={"Authorization": f"Bearer {text}"}).status_code == 200


def test_a_readonly_token_opens_find_alone(client: Client):
    form = f"grant_type=refresh_token&refresh_token=sbx_demo&scope={SCOPE}/sell.inventory.readonly"
    bearer = {"Authorization": f"Bearer {grant(client, form).json()['access_token']}"}
    assert client.ebay("GET", "/sell/negotiation/v1/find_eligible_items", headers=bearer).status_code == 200
    assert client.send(headers=bearer).status_code == 403


def test_the_workspace_comes_from_client_id_or_secret(client: Client):
    for pair in ("sbx_other-ws:cert", "app:sbx_other-ws"):
        answer = grant(client, "grant_type=client_credentials", pair, **{"X-Sandbox-Workspace": None})
        assert answer.headers["X-Sandbox-Workspace"] == "other-ws"
        assert answer.json()["access_token"].startswith("sbx_other-ws.")


@pytest.mark.parametrize(
    ("form", "pair", "status", "error"),
    [
        ("", "a:b", 400, "invalid_request"),
        ("grant_type=authorization_code", "a:b", 400, "invalid_request"),
        ("grant_type=authorization_code&code=sbx_a", "a:b", 400, "invalid_request"),
        ("grant_type=refresh_token", "a:b", 400, "invalid_request"),
        ("grant_type=refresh_token&refresh_token=", "a:b", 400, "invalid_request"),
        ("grant_type=authorization_code&code=abc&redirect_uri=R", "a:b", 400, "invalid_grant"),
        ("grant_type=refresh_token&refresh_token=abc", "a:b", 400, "invalid_grant"),
        ("grant_type=refresh_token&refresh_token=abc&code=sbx_a", "a:b", 400, "invalid_grant"),
        ("grant_type=refresh_token&refresh_token=sbx_a&scope=x", "a:b", 400, "invalid_scope"),
        ("grant_type=client_credentials&scope=ftp://x", "a:b", 400, "invalid_scope"),
        ("grant_type=password", "a:b", 400, "unsupported_grant_type"),
        ("grant_type=client_credentials", "", 401, "invalid_client"),
        ("grant_type=client_credentials", "a", 401, "invalid_client"),
        ("grant_type=client_credentials", ":b", 401, "invalid_client"),
        ("grant_type=client_credentials", "a-PRD-1:b", 401, "invalid_client"),
        ("grant_type=client_credentials", "sbx_a:PRD-0123456789ab-1b2c", 401, "invalid_client"),
        ("grant_type=client_credentials", "sbx_:b", 401, "invalid_client"),
    ],
)
def test_a_bad_request_gets_oauths_error_form(client: Client, form, pair, status, error):
    answer = grant(client, form, pair)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.json()["error"] == error


def test_the_texts_are_those_that_clients_know(client: Client):
    answer = grant(client, "grant_type=refresh_token&refresh_token=abc")
    assert answer.json()["error_description"] == (
        "the provided authorization refresh token is invalid or was issued to another client"
    )
    answer = grant(client, "grant_type=authorization_code&code=abc&redirect_uri=R")
    assert answer.json()["error_description"] == (
        "the provided authorization grant code is invalid or was issued to another client"
    )


def test_the_journal_shows_no_token(client: Client):
    answer = grant(client, "grant_type=refresh_token&refresh_token=sbx_demo.hidden")
    entry = client.admin("GET", f"/requests/{answer.headers['X-Sandbox-Request-Id']}")
    assert answer.json()["access_token"] not in str(entry)
    assert "hidden" not in str(entry)


def test_a_refused_grant_mints_nothing(fresh):
    """The next token is the same as in a workspace where nothing was refused."""
    first, second = fresh(), fresh()
    grant(first, "grant_type=refresh_token&refresh_token=abc")
    tokens = [
        grant(client, "grant_type=client_credentials").json()["access_token"].partition(".")[2]
        for client in (first, second)
    ]
    assert tokens[0] == tokens[1]


def test_a_minted_token_is_no_authorization_code(client: Client):
    token = grant(client, "grant_type=authorization_code&code=sbx_demo&redirect_uri=R").json()["refresh_token"]
    answer = grant(client, f"grant_type=authorization_code&code={token}&redirect_uri=R")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_the_secret_of_a_real_sandbox_keyset_is_taken(client: Client):
    """Such a secret begins with SBX-; only the client id must not pretend to be a sandbox key."""
    assert grant(client, "grant_type=client_credentials", "MyApp-SBX-1:SBX-abc").status_code == 200
    assert grant(client, "grant_type=client_credentials", "SBX-1:secret").status_code == 401

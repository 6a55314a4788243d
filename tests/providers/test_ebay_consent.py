"""eBay's consent page, as a browser and an attacker meet it, and the code behind its button."""

import base64
from html.parser import HTMLParser

import pytest

from running_server import EBAY_TOKEN, Client, outcome

PATH = "/oauth2/authorize"
CALLBACK = "http://localhost:8000/callback?from=ebay#end"
SCOPE = "https://api.ebay.com/oauth/api_scope"
ASKED = {
    "client_id": "my-app",
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": f"{SCOPE}/sell.inventory",
    "state": "x&y=1",
}


class Page(HTMLParser):
    """What the page's buttons would send, where to, the texts by id, and the tags that stand in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}
        self.sent: dict[str, dict[str, str]] = {}
        self.texts: dict[str, str] = {}
        self.tags: list[str] = []
        self._id = self._form = ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append(tag)
        self._id = found.get("id", "")
        if tag == "form":
            self._form = found["id"]
            self.targets[self._form], self.sent[self._form] = found["action"], {}
        elif tag == "input":
            self.sent[self._form][found["name"]] = found["value"]

    def handle_data(self, data):
        if self._id:
            self.texts[self._id] = self.texts.get(self._id, "") + data

    def handle_endtag(self, tag):
        self._id = ""


def visit(client: Client, **changes):
    """A visit of the page; a parameter given as None is left out."""
    asked = {name: value for name, value in {**ASKED, **changes}.items() if value is not None}
    return client.call("GET", PATH, params=asked, headers={"Accept": "text/html,*/*"})


def code_of(answer) -> str:
    """The code behind the page's button."""
    return Page(answer.text).sent["agree"]["code"]


def redeem(client: Client, code: str, target: str = CALLBACK, pair: str = "my-app:secret"):
    """A code at the token endpoint."""
    basic = base64.b64encode(pair.encode()).decode()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": target}
    return client.call("POST", EBAY_TOKEN, data=form, headers={"Authorization": f"Basic {basic}"})


def test_the_button_leads_back_with_code_and_state(client: Client):
    answer = visit(client)
    assert (answer.status_code, outcome(answer)) == (200, "success")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    page = Page(answer.text)
    assert page.targets == {"agree": CALLBACK, "decline": CALLBACK}
    code = page.sent["agree"]["code"]
    assert page.sent["agree"] == {"from": "ebay", "code": code, "expires_in": "299", "state": "x&y=1"}
    assert code.startswith(f"sbx_{client.workspace}.")
    assert page.sent["decline"] == {"from": "ebay", "error": "access_denied", "state": "x&y=1"}
    assert "my-app" in answer.text
    assert "not eBay" in answer.text


def test_a_code_is_good_once(client: Client):
    code = code_of(visit(client))
    token = redeem(client, code).json()
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    assert client.send(headers=bearer).status_code == 200
    again = redeem(client, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert "already used" in again.headers["X-Sandbox-Reason"]
    assert client.send(headers={"Authorization": f"Bearer {code}"}).status_code == 401, "a code is no token"


def test_a_code_is_good_for_299_seconds(client: Client):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    early, late = code_of(visit(client)), code_of(visit(client))
    client.admin("POST", "/clock/advance", {"by": "PT298S"})
    assert redeem(client, early).status_code == 200
    client.admin("POST", "/clock/advance", {"by": "PT1S"})
    answer = redeem(client, late)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert "expired at" in answer.headers["X-Sandbox-Reason"]


def test_a_code_is_bound_to_its_redirect_uri(client: Client):
    code = code_of(visit(client))
    assert redeem(client, code, "http://localhost:8000/other").json()["error"] == "invalid_grant"
    assert redeem(client, code).status_code == 200, "a refused try does not use it up"


def test_a_code_is_bound_to_its_client_and_workspace(fresh):
    client, elsewhere = fresh(), fresh()
    code = code_of(visit(client))
    stolen = redeem(client, code, pair="other-app:secret")
    assert (stolen.json()["error"], "another client" in stolen.headers["X-Sandbox-Reason"]) == (
        "invalid_grant",
        True,
    )
    astray = redeem(elsewhere, code)
    assert (astray.json()["error"], "another workspace" in astray.headers["X-Sandbox-Reason"]) == (
        "invalid_grant",
        True,
    )
    assert redeem(client, code).status_code == 200


def test_a_token_has_the_scopes_that_were_agreed_to(client: Client):
    readonly = redeem(client, code_of(visit(client, scope=f"{SCOPE}/sell.inventory.readonly"))).json()
    assert client.send(headers={"Authorization": f"Bearer {readonly['access_token']}"}).status_code == 403
    every = redeem(client, code_of(visit(client, scope=None))).json()
    assert client.send(headers={"Authorization": f"Bearer {every['access_token']}"}).status_code == 200


def test_a_runame_leads_nowhere_so_the_code_is_shown(client: Client):
    page = Page(visit(client, redirect_uri="My_Company-MyCompan-myapp-abcdef").text)
    assert page.targets == {}
    answer = redeem(client, page.texts["code"], "My_Company-MyCompan-myapp-abcdef")
    assert answer.status_code == 200


def test_the_application_names_the_workspace(client: Client):
    answer = client.call(
        "GET", PATH, params={**ASKED, "client_id": "sbx_seller-7"}, headers={"X-Sandbox-Workspace": None}
    )
    assert answer.headers["X-Sandbox-Workspace"] == "seller-7"
    assert code_of(answer).startswith("sbx_seller-7.")


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": ""},
        {"redirect_uri": None},
        {"redirect_uri": "x" * 2001},
        {"redirect_uri": "http://[::1"},
        {"redirect_uri": "//[x"},
        {"response_type": None},
        {"response_type": "token"},
        {"state": "x" * 2001},
    ],
)
def test_parameters_that_are_missing_or_wrong(client: Client, changes):
    answer = visit(client, **changes)
    assert (answer.status_code, outcome(answer)) == (400, "invalid_request")
    assert answer.json() == {
        "error_id": "invalid_request",
        "error_description": "Input request parameters are invalid.",
        "http_status_code": 400,
    }
    assert answer.headers["X-Sandbox-Reason"]


def test_a_scope_that_is_none_of_ebays(client: Client):
    answer = visit(client, scope=f"{SCOPE} https://example.com/all")
    assert (answer.status_code, answer.json()["error_id"]) == (400, "invalid_scope")


@pytest.mark.parametrize("client_id", ["sbx", "sbx_Upper", "Some-App-PRD-1234"])
def test_an_application_that_cannot_be(client: Client, client_id):
    answer = visit(client, client_id=client_id)
    assert (answer.status_code, outcome(answer)) == (401, "unauthorized")
    assert answer.json()["http_status_code"] == 401


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,<script>alert(1)</script>", " javascript:alert(1)", "//evil.example/"],
)  # fmt: skip
def test_only_web_addresses_become_targets(client: Client, target):
    answer = visit(client, redirect_uri=target)
    assert answer.status_code == 200
    assert Page(answer.text).targets == {}


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state"])
def test_nothing_of_the_request_becomes_markup(client: Client, name):
    harmless = Page(visit(client, **{name: "http://localhost/"}).text).tags
    evil = "http://localhost/\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
    answer = visit(client, **{name: evil})
    assert Page(answer.text).tags == harmless
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_code_is_not_in_the_journal(client: Client):
    answer = visit(client)
    entry = client.admin("GET", f"/requests/{answer.headers['X-Sandbox-Request-Id']}")
    assert entry["response"]["body"] == "(redacted)"
    live = visit(client, client_id="Some-App-PRD-1234")
    kept = client.admin("GET", f"/requests/{live.headers['X-Sandbox-Request-Id']}")
    assert "PRD" not in str(kept), "nor is a live credential"
    assert "query.client_id" in live.headers["X-Sandbox-Reason"]


def test_other_methods_are_refused_in_the_dialect(client: Client):
    answer = client.call("POST", PATH, data={})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.json()["errors"][0]["errorId"] == 2004

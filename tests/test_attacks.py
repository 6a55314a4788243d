"""A server as a team leaves it running for strangers, attacked from outside: another's workspace, the control API,
files and networks behind it, its memory. What is promised stands in docs/security.md."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from admin_document import OPERATIONS, Operation
from offer_sandbox.world.store import journal, sqlite
from provider_calls import CALLS, bearer, send
from raw_http import raw
from running_server import Client, Server

TOKEN = "only-the-operator-knows"
OPEN = {"getIndex", "getHealth", "getLiveness", "getReadiness", "getMetrics", "getProvidersOpenApi"}
SHARED = {"listOutcomes", "getControlOpenApi", "getProviderOpenApi", "getProviderSdl"}


@dataclass
class Hosted:
    """The server, a victim with something of everything, and a stranger with a workspace and key of its own."""

    server: Server
    victim: str
    victim_key: str
    stranger: str
    stranger_key: str
    ids: dict[str, str]

    def snapshot(self) -> Any:
        """All that the victim has, and who has a workspace."""
        admin = {"Authorization": f"Bearer {TOKEN}", "X-Sandbox-Workspace": self.victim}
        url = f"{self.server.url}/__admin"
        found = requests.get(f"{url}/snapshot", headers=admin, timeout=30).json()
        workspaces = requests.get(f"{url}/workspaces", headers=admin, timeout=30).json()["workspaces"]
        journal = requests.get(f"{url}/requests", headers=admin, timeout=30).json()["meta"]["total"]
        return found, sorted(each["name"] for each in workspaces), journal

    def call(self, operation: Operation, headers: dict[str, str], **options: Any) -> requests.Response:
        """A control call on what is the victim's."""
        names = {"provider": "sibi", "collection": "offers", "id": "offer-unknown", "name": self.victim}
        names |= {"name": "mine"} if operation.tag == "scenarios" else {}
        names |= {"id": self.ids[operation.tag]} if operation.tag in self.ids else {}
        path = operation.path.format(**names)
        query = {"timeout": "0", "status": "unknown", "as": "curl"}
        return requests.request(
            operation.method,
            f"{self.server.url}{path}",
            headers=headers,
            json=operation.example if operation.method != "GET" else None,
            params=query if operation.method == "GET" and "wait" in path else None,
            timeout=30,
            **options,
        )


@pytest.fixture(scope="module")
def hosted(tmp_path_factory) -> Iterator[Hosted]:
    """Two processes on one folder, bound to every address, with keys and little room."""
    folder = tmp_path_factory.mktemp("hosted")
    flags = [
        "--host",
        "0.0.0.0",
        "--auth",
        "keys",
        "--admin-token",
        TOKEN,
        "--workers",
        "2",
        "--data",
        str(folder),
    ]
    server = Server(*flags, "--max-workspaces", "10", "--max-records", "2000")
    keys = {}
    for name in ("victim", "stranger"):
        made = requests.post(
            f"{server.url}/__admin/workspaces",
            json={"name": name},
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=30,
        )
        keys[name] = made.json()["key"]
    client = Client(server.url, "victim", requests.Session())
    client.session.headers["Authorization"] = f"Bearer {keys['victim']}"
    client.admin("PUT", "/clock", {"mode": "frozen"})  # so that whatever changes was done by somebody
    for provider in CALLS:
        send(server.url, provider, keys["victim"], "write")
    rule = client.admin("POST", "/rules", {"operation": "ebay.*", "status": 500})["id"]
    client.admin("PUT", "/scenarios/mine", {"rules": [{"operation": "*", "status": 500}]})
    webhook = client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-unknown"})["id"]
    exchange = send(server.url, "sibi", keys["victim"]).headers["X-Sandbox-Request-Id"]
    ids = {"rules": rule, "webhooks": webhook, "requests": exchange}
    yield Hosted(server, "victim", keys["victim"], "stranger", keys["stranger"], ids)
    assert server.stop() == 0
    secrets = [key.partition(".")[2].encode() for key in keys.values()]
    for file in (sqlite.FILE_NAME, journal.FILE_NAME):
        content = (folder / file).read_bytes()
        assert not any(secret in content for secret in secrets), "no key is kept, nor written down by the journal"


CONTROL = [each for each in OPERATIONS.values() if each.id not in OPEN]


@pytest.mark.parametrize("operation", CONTROL, ids=lambda each: each.id)
def test_no_control_call_is_taken_from_whoever_has_no_key_to_it(hosted: Hosted, operation: Operation):
    """Without a credential, with invented ones, with another's: nothing is told and nothing changes."""
    before = hosted.snapshot()
    guessed = [
        f"sbx_{hosted.victim}",
        f"sbx_{hosted.victim}.{'0' * 40}",
        f"sbx_{hosted.victim}.",
        "Bearer",
        TOKEN[:-1],
    ]
    swapped = f"sbx_{hosted.victim}.{hosted.stranger_key.partition('.')[2]}"
    for credential in (None, *guessed, swapped):
        headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        answer = hosted.call(operation, headers)
        assert answer.status_code == 401, f"{credential}: {answer.text[:200]}"
        assert hosted.call(operation, {**headers, "X-Sandbox-Workspace": hosted.victim}).status_code == 401
    own = {"Authorization": f"Bearer {hosted.stranger_key}"}
    naming = hosted.call(operation, {**own, "X-Sandbox-Workspace": hosted.victim})
    assert naming.status_code == 403
    query = requests.request(
        operation.method,
        f"{hosted.server.url}{operation.path.split('{')[0]}?workspace={hosted.victim}",
        headers=own,
        timeout=30,
    )
    assert query.status_code == 403
    if operation.tag in ("workspaces", "requests", "rules", "webhooks") and "{" in operation.path:
        assert hosted.call(operation, own).status_code in (403, 404), "what is the victim's is nobody else's"
    assert hosted.snapshot() == before


def test_the_matrix_is_whole():
    assert len(CONTROL) > 50
    assert {each.id for each in CONTROL} >= SHARED


@pytest.mark.parametrize("provider", CALLS)
def test_no_provider_s_call_reaches_another_s_workspace(hosted: Hosted, provider: str):
    before = hosted.snapshot()
    for key in (None, "anything", f"sbx_{hosted.victim}", f"sbx_{hosted.victim}.{'0' * 40}"):
        for call in ("read", "write"):
            refused = send(hosted.server.url, provider, key, call)
            assert refused.headers["X-Sandbox-Outcome"].rpartition(".")[2] in ("unauthorized", "1002")
            named = send(hosted.server.url, provider, key, call, **{"X-Sandbox-Workspace": hosted.victim})
            assert named.headers["X-Sandbox-Outcome"].rpartition(".")[2] in ("unauthorized", "1002")
    crossed = send(
        hosted.server.url, provider, hosted.stranger_key, "write", **{"X-Sandbox-Workspace": hosted.victim}
    )
    assert crossed.headers["X-Sandbox-Outcome"].rpartition(".")[2] == "unauthorized"
    assert hosted.snapshot() == before


YAML_ATTACKS = [
    "!!python/object/apply:os.system ['touch /tmp/owned']",
    "scenario: !!python/name:os.system ''",
    "scenario: !include /etc/passwd",
    "scenario: x\ntitle: !!binary aGVsbG8=",
    "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nscenario: x",
    "<<: *nobody",
    "scenario: x\nrules: [{operation: ebay.findEligibleItems, match: {query.q: {regex: '(a+)+$'}}, delay: {file: x}}]",
    "scenario: x\nplay: [{call: file:///etc/passwd}]",
    "scenario: x\nrules: [{operation: '{{7*7}}', status: 500}]",
    "---\nscenario: x\n---\nscenario: y",
]


@pytest.mark.parametrize("text", YAML_ATTACKS, ids=range(len(YAML_ATTACKS)))
def test_a_scenario_file_is_data_and_no_more(hosted: Hosted, text: str):
    own = {"Authorization": f"Bearer {hosted.stranger_key}", "Content-Type": "application/yaml"}
    url = f"{hosted.server.url}/__admin/scenarios/x"
    answer = requests.put(url, data=text.encode(), headers=own, timeout=30)
    assert answer.status_code in (400, 422), answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    "name", ["..%2F..%2Fetc%2Fpasswd", "....//x", "%00", "x%0d%0aSet-Cookie:a", "~root", "C:\\x"]
)
def test_names_lead_to_no_file(hosted: Hosted, name: str):
    admin = {"Authorization": f"Bearer {TOKEN}", "X-Sandbox-Workspace": hosted.stranger}
    for path in (f"/specs/{name}.json", f"/specs/{name}.graphql", f"/scenarios/{name}", f"/state/{name}/offers"):
        answer = requests.get(f"{hosted.server.url}/__admin{path}", headers=admin, timeout=30)
        assert answer.status_code in (400, 404), path
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:22/",
        "http://localhost:4242/__admin/reset",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "http://example.com@127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://x.localhost/",
        "https://example.com/",
    ],
)
def test_webhooks_go_nowhere_that_was_not_named(hosted: Hosted, url: str):
    own = {"Authorization": f"Bearer {hosted.stranger_key}"}
    settings = {"webhooks": {"sibi": {"url": url}}}
    answer = requests.put(f"{hosted.server.url}/__admin/settings", json=settings, headers=own, timeout=30)
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Sandbox-Outcome", "x; Set-Cookie: a=b"),
        ("X-Sandbox-Workspace", "../victim"),
        ("X-Sandbox-Workspace", "victim "),
        ("X-Sandbox-Delay", "1e9"),
        ("X-Sandbox-Delay", "-1"),
        ("X-Sandbox-Fault", "__class__"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-Original-URL", "/__admin/reset"),
    ],
)
def test_headers_change_nothing_that_they_should_not(hosted: Hosted, name: str, value: str):
    before = hosted.snapshot()
    answer = send(hosted.server.url, "sibi", hosted.stranger_key, "read", **{name: value})
    assert answer.status_code in (200, 400, 401)
    assert "Set-Cookie" not in answer.headers
    assert "evil.example" not in answer.text
    assert hosted.snapshot() == before


@pytest.mark.parametrize(
    "smuggled",
    [
        b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        b"GET /health HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n",
        b"GET /health\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00" * 100,
    ],
    ids=range(7),
)
def test_malformed_requests_are_refused_and_hide_no_second_one(hosted: Hosted, smuggled: bytes):
    second = b"GET /__admin/clock HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN.encode() + b"\r\n\r\n"
    received = raw(hosted.server.url, smuggled + second)
    assert received.count(b"HTTP/1.1 ") <= 1
    assert received == b"" or received.startswith((b"HTTP/1.1 400", b"HTTP/1.1 505")), "0.9 is not spoken"
    assert b'"mode"' not in received


def test_whoever_makes_workspaces_or_records_without_end_is_stopped(hosted: Hosted):
    own = {"Authorization": f"Bearer {hosted.stranger_key}"}
    made = requests.post(f"{hosted.server.url}/__admin/workspaces", json={}, headers=own, timeout=30)
    assert made.status_code == 403
    for _ in range(2_100):
        refused = send(hosted.server.url, "opendoor", hosted.stranger_key, "write")
        if refused.headers["X-Sandbox-Outcome"].endswith("forbidden"):
            break
    else:
        pytest.fail("there was room for more records than the quota allows")
    assert send(hosted.server.url, "opendoor", hosted.victim_key, "write").status_code == 200, "others have room"
    requests.post(f"{hosted.server.url}/__admin/reset", headers=own, timeout=30)
    admin = {"Authorization": f"Bearer {TOKEN}"}
    answers = [
        requests.post(f"{hosted.server.url}/__admin/workspaces", json={}, headers=admin, timeout=30)
        for _ in range(10)
    ]
    assert {answer.status_code for answer in answers} == {201, 409}, "nor has the operator more than was set"
    for answer in answers:
        if answer.status_code == 201:
            name = answer.json()["name"]
            requests.delete(f"{hosted.server.url}/__admin/workspaces/{name}", headers=admin, timeout=30)


def test_secrets_are_not_told_again(hosted: Hosted):
    """Whatever form a credential comes in, journal and explanation have it redacted."""
    secret = hosted.stranger_key.partition(".")[2]
    own = {"Authorization": f"Bearer {hosted.stranger_key}"}
    for provider in CALLS:
        send(hosted.server.url, provider, hosted.stranger_key, "write")
    requests.get(f"{hosted.server.url}/offers/{hosted.stranger_key}", headers=own, timeout=30)
    requests.get(f"{hosted.server.url}/nobody?client_id={hosted.stranger_key}", headers=own, timeout=30)
    listed = requests.get(f"{hosted.server.url}/__admin/requests", headers=own, timeout=30).json()["requests"]
    assert len(listed) > 5
    assert secret not in json.dumps(listed)
    for entry in listed:
        shown = requests.get(f"{hosted.server.url}/__admin/requests/{entry['id']}", headers=own, timeout=30)
        exported = requests.get(
            f"{hosted.server.url}/__admin/requests/{entry['id']}/export", headers=own, timeout=30
        )
        assert secret not in shown.text + exported.text


def test_what_is_open_to_all_tells_no_workspace(hosted: Hosted):
    for path in ("/", "/health", "/health/ready", "/metrics", "/openapi.json"):
        answer = requests.get(f"{hosted.server.url}{path}", timeout=30)
        assert answer.status_code == 200
        assert hosted.victim not in answer.text
        assert bearer(hosted.victim_key) not in answer.text

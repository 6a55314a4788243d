"""`--auth keys`: only issued keys open a workspace, each its own; the same for all five providers and the control API."""

import base64
import hashlib
import re
import sqlite3
from collections.abc import Iterator

import pytest
import requests

from offer_sandbox.assembly import assembled
from offer_sandbox.contract import Request
from offer_sandbox.exchange.graphql import document
from offer_sandbox.options import Options
from offer_sandbox.providers import providers
from offer_sandbox.world.keys import fingerprint, issue, opens
from offer_sandbox.world.store.sqlite import FILE_NAME
from provider_calls import CALLS, pair, send
from running_server import EBAY_FIND, EBAY_TOKEN, Client, Server, outcome

EVERY = pytest.mark.parametrize("provider", CALLS)


@pytest.fixture(scope="module")
def keyed() -> Iterator[Server]:
    """A server that asks for keys, and on the loopback for no token."""
    server = Server("--auth", "keys")
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def guarded() -> Iterator[Server]:
    """One that asks for keys and tokens."""
    server = Server("--auth", "keys", "--admin-token", "let-me-in")
    yield server
    assert server.stop() == 0


def made(server: Server, name: str = "") -> tuple[str, str]:
    """A new workspace's name and key."""
    given = {"name": name} if name else {}
    headers = {"Authorization": f"Bearer {server.admin_token}"} if server.admin_token else {}
    answer = requests.post(f"{server.url}/__admin/workspaces", json=given, headers=headers, timeout=30)
    assert answer.status_code == 201, answer.text
    return answer.json()["name"], answer.json()["key"]


def workspaces(server: Server) -> set[str]:
    """Who is there."""
    return {
        each["name"] for each in requests.get(f"{server.url}/__admin/workspaces", timeout=30).json()["workspaces"]
    }


@EVERY
def test_an_issued_key_opens_its_workspace(keyed, provider):
    name, key = made(keyed)
    for call in ("read", "write"):
        answer = send(keyed.url, provider, key, call)
        assert answer.status_code < 300, answer.text
        assert answer.headers["X-Sandbox-Workspace"] == name
    word = send(keyed.url, provider, f"{key}.rate_limited")
    assert outcome(word) == "rate_limited", "magic words are added to a key as ever"


@EVERY
def test_nothing_else_does_and_no_stranger_makes_a_workspace(keyed, provider):
    name, key = made(keyed)
    other, _ = made(keyed)
    before = workspaces(keyed)
    secret = key.partition(".")[2]
    strangers = ["anything", "sbx_never-made", f"sbx_{name}", f"sbx_{name}.", f"sbx_{name}.{'0' * 40}"]
    strangers += [f"sbx_{other}.{secret}", f"{key}0", key[:-1], f"sbx_{name}..{secret}", None]
    for stranger in strangers:
        for call in ("read", "write"):
            refused = send(keyed.url, provider, stranger, call)
            assert refused.status_code in (400, 401) or provider == "opendoor"
            assert outcome(refused) in ("unauthorized", "1002")
            assert "X-Sandbox-Workspace" not in refused.headers
            assert "application/problem+json" not in refused.headers["Content-Type"]
    forced = send(keyed.url, provider, "sbx_never-made", "read", **{"X-Sandbox-Outcome": "rate_limited"})
    assert outcome(forced) == "unauthorized", "nobody knows in whose world it should be forced"
    assert workspaces(keyed) == before


def test_a_stranger_keeps_nothing_waiting_and_breaks_nothing(keyed):
    told = {"X-Sandbox-Delay": "600000", "X-Sandbox-Fault": "HANG"}
    for name, value in told.items():
        assert outcome(send(keyed.url, "sibi", "sbx_never-made", **{name: value})) == "unauthorized"
    entry = requests.get(
        f"{keyed.url}{send(keyed.url, 'sibi', 'sbx_x', 'write').links['describedby']['url']}", timeout=30
    ).json()
    assert (entry["request"]["body"], entry["request"]["cut"]) == ("", True), "nor is a stranger's body kept"


@EVERY
def test_a_header_names_no_other_workspace_than_the_key_does(keyed, provider):
    name, key = made(keyed)
    other, _ = made(keyed)
    same = send(keyed.url, provider, key, "read", **{"X-Sandbox-Workspace": name})
    assert same.status_code == 200
    refused = send(keyed.url, provider, key, "read", **{"X-Sandbox-Workspace": other})
    assert outcome(refused) == "unauthorized"
    assert "X-Sandbox-Workspace must be the workspace of the key" in refused.headers["X-Sandbox-Reason"]
    assert "X-Sandbox-Workspace" not in refused.headers


@EVERY
def test_a_key_that_was_taken_away_or_renewed_opens_nothing(keyed, provider):
    name, key = made(keyed)
    own = f"{keyed.url}/__admin/workspaces/{name}"
    send(keyed.url, provider, key, "write")
    renewed = requests.post(f"{own}/key", timeout=30).json()["key"]
    assert renewed != key
    assert outcome(send(keyed.url, provider, key)) == "unauthorized"
    assert send(keyed.url, provider, renewed).status_code == 200
    assert requests.delete(f"{own}/key", timeout=30).status_code == 204
    assert outcome(send(keyed.url, provider, renewed)) == "unauthorized"
    again = requests.post(f"{own}/key", timeout=30).json()["key"]
    assert send(keyed.url, provider, again).status_code == 200, "the workspace itself stayed"
    assert requests.delete(own, timeout=30).status_code == 204
    assert outcome(send(keyed.url, provider, again)) == "unauthorized"
    _, fresh = made(keyed, name)
    assert outcome(send(keyed.url, provider, again)) == "unauthorized"
    assert send(keyed.url, provider, fresh).status_code == 200


def test_a_key_is_shown_once_and_kept_as_a_hash(tmp_path):
    server = Server("--auth", "keys", "--data", str(tmp_path))
    name, key = made(server)
    assert re.fullmatch(rf"sbx_{name}\.[0-9a-f]{{40}}", key)
    send(server.url, "sibi", key, "write")
    send(server.url, "sibi", f"{key}x", "write")
    shown = requests.get(f"{server.url}/__admin/workspaces/{name}", timeout=30).json()
    assert shown["key"] is None
    again = requests.post(f"{server.url}/__admin/workspaces", json={"name": name}, timeout=30)
    assert again.status_code == 409
    assert server.stop() == 0
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        kept = connection.execute("SELECT key FROM workspaces").fetchone()[0]
    connection.close()
    assert kept == hashlib.sha256(key.encode()).digest()
    secret = key.partition(".")[2].encode()
    assert not any(secret in file.read_bytes() for file in tmp_path.iterdir())
    second = Server("--auth", "keys", "--data", str(tmp_path))
    assert send(second.url, "sibi", key).status_code == 200, "it opens after a restart"
    assert second.stop() == 0


def test_a_workspace_from_before_keys_were_asked_for_gets_one(tmp_path, session):
    server = Server("--data", str(tmp_path))
    send(server.url, "sibi", "sbx_old", "write")
    assert server.stop() == 0
    server = Server("--auth", "keys", "--data", str(tmp_path))
    assert outcome(send(server.url, "sibi", "sbx_old")) == "unauthorized"
    key = requests.post(f"{server.url}/__admin/workspaces/old/key", timeout=30).json()["key"]
    assert send(server.url, "sibi", key).status_code == 200
    assert len(Client(server.url, "old", session).state("sibi/offers")) > 8
    assert server.stop() == 0


def test_ebay_s_tokens_are_opened_by_the_key_and_open_its_workspace(keyed):
    name, key = made(keyed)
    client, wrong = pair(key), pair(f"sbx_{name}")
    form = {"grant_type": "refresh_token", "refresh_token": key}

    def granted(authorization: str, **changes: str) -> requests.Response:
        return requests.post(
            f"{keyed.url}{EBAY_TOKEN}",
            data={**form, **changes},
            headers={"Authorization": authorization},
            timeout=30,
        )

    token = granted(client).json()["access_token"]
    assert token.startswith(f"sbx_{name}.v^1#")
    assert send(keyed.url, "ebay", token).headers["X-Sandbox-Workspace"] == name
    refused = granted(wrong)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert granted(client, refresh_token=f"sbx_{name}").json()["error"] == "invalid_grant"
    by_secret = base64.b64encode(f"sbx_{name}:{key}".encode()).decode()
    assert granted(f"Basic {by_secret}").status_code == 200, "the key may be the client secret"
    other, other_key = made(keyed)
    assert outcome(send(keyed.url, "ebay", token.replace(name, other))) == "unauthorized"
    assert outcome(send(keyed.url, "sibi", token)) == "unauthorized", "another provider minted none"
    assert granted(pair(other_key)).json()["error"] == "invalid_grant"
    requests.post(f"{keyed.url}/__admin/workspaces/{name}/key", timeout=30)
    assert outcome(send(keyed.url, "ebay", token)) == "unauthorized", "it went with the key"


def test_a_token_mints_no_other_token_and_opens_no_page(keyed):
    _, key = made(keyed)
    form = {"grant_type": "client_credentials"}
    headers = {"Authorization": pair(key)}
    token = requests.post(f"{keyed.url}{EBAY_TOKEN}", data=form, headers=headers, timeout=30).json()[
        "access_token"
    ]
    again = requests.post(
        f"{keyed.url}{EBAY_TOKEN}", data=form, headers={"Authorization": pair(token)}, timeout=30
    )
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    asked = {"response_type": "code", "redirect_uri": "https://app.example/back", "client_id": token}
    assert requests.get(f"{keyed.url}/oauth2/authorize", params=asked, timeout=30).status_code == 401


@pytest.mark.parametrize("how", ["renewed", "revoked", "dropped"])
def test_a_stream_ends_with_the_key_that_opened_it(how):
    server = Server("--auth", "keys", "--admin-token", "let-me-in")
    admin = {"Authorization": "Bearer let-me-in"}
    name, key = made(server, "team")
    own = {"Authorization": f"Bearer {key}"}
    stream = requests.get(f"{server.url}/__admin/requests/stream", headers=own, stream=True, timeout=30)
    send(server.url, "sibi", key)
    lines = stream.iter_lines()
    assert next(lines).startswith(b"id: ")
    base = f"{server.url}/__admin/workspaces/{name}"
    if how == "dropped":
        requests.delete(base, headers=admin, timeout=30)
        _, fresh = made(server, "team")
    else:
        call = requests.post if how == "renewed" else requests.delete
        call(f"{base}/key", headers=admin, timeout=30)
        fresh = requests.post(f"{base}/key", headers=admin, timeout=30).json()["key"]
    secret = send(server.url, "sibi", fresh).headers["X-Sandbox-Request-Id"]
    send(server.url, "sibi", fresh)
    assert secret.encode() not in b"".join(lines), "it ends, and tells nothing of what follows"
    assert server.stop() == 0


def test_an_idle_workspace_s_key_opens_nothing_any_more(tmp_path):
    flags = ("--auth", "keys", "--data", str(tmp_path), "--workspace-ttl", "1000")
    server = Server(*flags)
    _, key = made(server, "idle")
    _, other = made(server, "other")
    send(server.url, "sibi", key, "write")
    assert server.stop() == 0
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("UPDATE workspaces SET used = used - 1000001 WHERE name = 'idle'")
    connection.close()
    again = Server(*flags)
    for _ in range(2):
        assert outcome(send(again.url, "sibi", key)) == "unauthorized"
        assert requests.get(f"{again.url}/__admin/clock?workspace=idle", timeout=30).status_code == 404
    assert send(again.url, "sibi", other).status_code == 200
    assert workspaces(again) == {"other"}
    assert again.stop() == 0


def test_strangers_push_nothing_out_of_another_s_journal(tmp_path):
    from known_entries import Known
    from offer_sandbox.world.memory_journal import MemoryJournal

    journal = MemoryJournal(max_bytes=50_000)
    for number in range(10):
        journal.add(Known({"id": f"own{number}", "workspace": "victim", "text": "x" * 3_000}))
    for number in range(100):
        journal.add(Known({"id": f"strange{number}", "workspace": "", "text": "x" * 3_000}))
    assert journal.count("victim") == 10
    assert journal.get("strange99") is not None


def test_nobody_can_reckon_a_token(keyed):
    """Two workspaces of one seed mint different ones: they follow from the key."""
    tokens = set()
    for _ in range(2):
        name, key = made(keyed)
        form = {"grant_type": "client_credentials"}
        headers = {"Authorization": pair(key)}
        answer = requests.post(f"{keyed.url}{EBAY_TOKEN}", data=form, headers=headers, timeout=30)
        tokens.add(answer.json()["access_token"].removeprefix(f"sbx_{name}"))
    assert len(tokens) == 2


def test_the_consent_page_opens_for_the_key_alone(keyed):
    name, key = made(keyed)
    page = f"{keyed.url}/oauth2/authorize"
    asked = {"response_type": "code", "redirect_uri": "https://app.example/back"}
    shown = requests.get(page, params={**asked, "client_id": key}, timeout=30)
    assert shown.status_code == 200
    code = re.search(r'name="code" value="([^"]+)"', shown.text)[1]
    assert requests.get(page, params={**asked, "client_id": f"sbx_{name}"}, timeout=30).status_code == 401
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": asked["redirect_uri"]}
    headers = {"Authorization": pair(key)}
    granted = requests.post(f"{keyed.url}{EBAY_TOKEN}", data=form, headers=headers, timeout=30).json()
    token = granted["access_token"]
    found = requests.get(
        f"{keyed.url}{EBAY_FIND}",
        headers={"Authorization": f"Bearer {token}", "X-EBAY-C-MARKETPLACE-ID": "EBAY_US"},
        timeout=30,
    )
    assert (found.status_code, found.headers["X-Sandbox-Workspace"]) == (200, name)


def test_the_control_api_demands_a_workspace_that_was_made(keyed):
    answer = requests.get(f"{keyed.url}/__admin/clock?workspace=never-made", timeout=30)
    assert answer.status_code == 404
    for path in ("/requests", "/requests/wait?timeout=0", "/webhooks", "/state/sibi/offers", "/snapshot"):
        assert requests.get(f"{keyed.url}/__admin{path}", timeout=30).status_code == 404, path
    assert requests.get(f"{keyed.url}/__admin/catalog", timeout=30).status_code == 200
    assert "never-made" not in workspaces(keyed)
    refused = send(keyed.url, "sibi", "sbx_never-made")
    entry = requests.get(f"{keyed.url}{refused.links['describedby']['url']}", timeout=30)
    assert entry.json()["reason"] == refused.headers["X-Sandbox-Reason"], "the operator sees why"


CONTROL = [
    "/clock", "/settings", "/rules", "/scenarios", "/requests", "/requests/unmatched", "/state/sibi/offers", "/webhooks",
    "/snapshot",
]  # fmt: skip


@pytest.mark.parametrize("path", CONTROL)
def test_a_key_opens_its_own_part_of_the_control_api_and_no_other(guarded, path):
    name, key = made(guarded)
    other, _ = made(guarded)

    def status(authorization: str | None, **headers: str) -> int:
        own = {"Authorization": authorization} if authorization else {}
        return requests.get(f"{guarded.url}/__admin{path}", headers={**own, **headers}, timeout=30).status_code

    assert status(f"Bearer {key}") == 200
    assert status(f"Bearer {key}", **{"X-Sandbox-Workspace": name}) == 200
    assert status(f"Bearer {key}", **{"X-Sandbox-Workspace": other}) == 403
    assert status(f"Bearer sbx_{name}") == 401
    assert status(f"Bearer sbx_{name}.{'0' * 40}") == 401
    assert status(f"Bearer sbx_{other}.{key.partition('.')[2]}") == 401
    assert status(None) == 401
    assert status("Bearer let-me-in") == 404, "default was never made"
    assert status("Bearer let-me-in", **{"X-Sandbox-Workspace": other}) == 200


def test_a_key_sees_and_makes_no_other_workspace(guarded):
    name, key = made(guarded)
    other, other_key = made(guarded)
    headers = {"Authorization": f"Bearer {key}"}
    base = f"{guarded.url}/__admin/workspaces"
    listed = requests.get(base, headers=headers, timeout=30).json()["workspaces"]
    assert [each["name"] for each in listed] == [name]
    assert requests.post(base, headers=headers, json={"name": "more"}, timeout=30).status_code == 403
    for call in (requests.get, requests.delete):
        assert call(f"{base}/{other}", headers=headers, timeout=30).status_code == 404
    assert requests.post(f"{base}/{other}/key", headers=headers, timeout=30).status_code == 404
    assert send(guarded.url, "sibi", other_key).status_code == 200
    entry = send(guarded.url, "sibi", other_key).headers["X-Sandbox-Request-Id"]
    seen = f"{guarded.url}/__admin/requests/{entry}"
    assert requests.get(seen, headers=headers, timeout=30).status_code == 404
    assert requests.get(seen, headers={"Authorization": f"Bearer {other_key}"}, timeout=30).status_code == 200


def test_the_journal_of_a_workspace_tells_nothing_of_strangers(keyed, session):
    name, key = made(keyed)
    client = Client(keyed.url, name, session)
    send(keyed.url, "sibi", f"sbx_{name}", "read")
    send(keyed.url, "sibi", "sbx_x", "read", **{"X-Sandbox-Workspace": name})
    requests.get(f"{keyed.url}/nobody", headers={"Authorization": f"Bearer sbx_{name}"}, timeout=30)
    requests.delete(f"{keyed.url}/offers/x", headers={"Authorization": f"Bearer sbx_{name}"}, timeout=30)
    assert client.admin("GET", "/requests")["requests"] == []
    requests.get(f"{keyed.url}/nobody", headers={"Authorization": f"Bearer {key}"}, timeout=30)
    requests.delete(f"{keyed.url}/offers/x", headers={"Authorization": f"Bearer {key}"}, timeout=30)
    assert len(client.admin("GET", "/requests")["requests"]) == 2


def test_a_fingerprint_is_of_the_key_without_what_was_added():
    key = issue("team")
    assert fingerprint(key) == fingerprint(f"{key}.rate_limited") == hashlib.sha256(key.encode()).digest()
    assert opens(f"{key}.x.y", fingerprint(key))
    assert not opens(key, None)
    assert not opens(issue("team"), fingerprint(key))
    assert not opens("sbx_team", fingerprint("sbx_team.")[:5] + bytes(27))


def test_a_snapshot_with_tokens_of_a_key_can_be_restored(keyed):
    _, key = made(keyed)
    form = {"grant_type": "refresh_token", "refresh_token": key}
    granted = requests.post(f"{keyed.url}{EBAY_TOKEN}", data=form, auth=(key, "secret"), timeout=30)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    saved = requests.get(f"{keyed.url}/__admin/snapshot", headers=headers, timeout=30)
    restored = requests.put(f"{keyed.url}/__admin/snapshot", data=saved.content, headers=headers, timeout=30)
    assert restored.status_code == 200, restored.text
    with_token = {
        "X-EBAY-C-MARKETPLACE-ID": "EBAY_US",
        "Authorization": f"Bearer {granted.json()['access_token']}",
    }
    assert requests.get(f"{keyed.url}{EBAY_FIND}", headers=with_token, timeout=30).status_code == 200


def test_no_document_of_a_stranger_is_parsed(keyed, monkeypatch):
    """What is wrong with it is told to nobody without a key."""
    answer = requests.post(
        f"{keyed.url}/graphql", json={"query": "{"}, headers={"Authorization": "Basic x"}, timeout=30
    )
    assert (answer.status_code, answer.headers["X-Sandbox-Outcome"]) == (401, "opendoor.unmatched.unauthorized")
    read: list[str] = []
    services = assembled(Options(keyed=True), providers())
    monkeypatch.setattr(document.Documents, "read", lambda _, text: read.append(text) or document.Document())
    for method, path in (("POST", "/graphql"), ("GET", "/graphql")):
        query = (("query", "{__typename}"),) if method == "GET" else ()
        request = Request(
            method=method,
            path=path,
            query=query,
            headers={"authorization": "Basic x", "content-type": "application/json", "accept": "application/json"},
            body=b"" if query else b'{"query": "{__typename}"}',
        )
        response, _ = services.pipeline.handle(request)
        assert response.status == 401
    assert read == []
    services.store.close()

"""Faults on the wire as a raw socket sees them, before the call and after it, by rule and by header."""

import contextlib
import itertools
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from covent_calls import create
from offer_sandbox.contract.delivery import FAULTS
from running_server import EBAY_FIND, Client, Server
from tls_socket import TlsWire

SAMPLE = {"listing_id": "lst_123", "individual_id": "ind_123", "amount": 5, "terms": {}, "notes": ""}
PATIENCE = 0.5  # seconds after which silence is taken for a hang
LONG = 20.0  # for what is not silent
_numbers = itertools.count(1)


@dataclass
class Wire:
    """What came over a connection, and how it ended: `closed`, `reset` or `silent`."""

    text: bytes
    end: str
    times: list[float]

    @property
    def head(self) -> bytes:
        return self.text.partition(b"\r\n\r\n")[0].lower()

    @property
    def body(self) -> bytes:
        return self.text.partition(b"\r\n\r\n")[2]


def wire(client: Client, method="POST", path="/api/v1/offers", body=SAMPLE, patience=PATIENCE, **headers) -> Wire:
    """A call of Covent over a raw socket, read until the connection ends or falls silent."""
    host, _, port = client.url.partition("://")[2].rpartition(":")
    text = json.dumps(body).encode() if body is not None else b""
    lines = {
        "Host": host,
        "Authorization": "Bearer sbx_test",
        "Content-Type": "application/json",
        "X-Sandbox-Workspace": client.workspace,
        "Content-Length": str(len(text)),
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    with (
        TlsWire(client.url, str(client.session.verify), patience)
        if client.url.startswith("https:")
        else socket.create_connection((host, int(port)), timeout=patience)
    ) as connection:
        connection.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + text)
        got, times = b"", []
        while True:
            try:
                chunk = connection.recv(65536)
            except TimeoutError:
                return Wire(got, "silent", times)
            except ConnectionResetError:
                return Wire(got, "reset", times)
            if not chunk:
                return Wire(got, "closed", times)
            got += chunk
            times.append(time.monotonic())


def break_offers(client: Client, fault, phase="after", **rule) -> None:
    """Arms a rule that breaks the connection of one creation of an offer."""
    given = {"fault": fault} if fault else {}
    client.admin(
        "POST", "/rules", {"operation": "covent.createOffer", "phase": phase, "times": 1, **given, **rule}
    )


def wait_for_a_hit(client: Client) -> None:
    """Returns once the newest rule has fired."""
    end = time.monotonic() + LONG
    while client.admin("GET", "/rules")["rules"][0]["hits"] == 0:
        assert time.monotonic() < end


def offers(client: Client) -> int:
    """How many offers there are."""
    return len(client.state("covent/offers"))


def connection_reset(got: Wire, phase: str) -> None:
    assert (got.text, got.end) == (b"", "reset")


def empty_response(got: Wire, phase: str) -> None:
    assert (got.text, got.end) == (b"", "closed")


def truncated_body(got: Wire, phase: str) -> None:
    assert got.head.startswith(b"http/1.1 200 " if phase == "after" else b"http/1.1 502 ")
    (announced,) = [line for line in got.head.split(b"\r\n") if line.startswith(b"content-length: ")]
    assert 0 < len(got.body) < int(announced.partition(b": ")[2])
    assert got.end == "closed"


def malformed_chunk(got: Wire, phase: str) -> None:
    assert got.head.startswith(b"http/1.1 200 " if phase == "after" else b"http/1.1 502 ")
    assert b"\r\ntransfer-encoding: chunked" in got.head
    assert b"content-length" not in got.head
    size, _, rest = got.body.partition(b"\r\n")
    garbage = rest[int(size, 16) + 2 :]
    with pytest.raises(ValueError, match="invalid literal"):
        int(garbage.partition(b"\r\n")[0], 16)
    assert got.end == "closed"


def random_data(got: Wire, phase: str) -> None:
    assert len(got.text) == 256
    assert not got.text.startswith(b"HTTP")
    assert got.end == "closed"


def hang(got: Wire, phase: str) -> None:
    assert (got.text, got.end) == (b"", "silent")


def gateway_html(got: Wire, phase: str) -> None:
    assert got.head.startswith(b"http/1.1 502 bad gateway")
    assert b"\r\ncontent-type: text/html" in got.head
    assert b"<h1>502 Bad Gateway</h1>" in got.body
    assert got.end == "silent", "the connection goes on"


def dribble(got: Wire, phase: str) -> None:
    assert got.head.startswith(b"http/1.1 200 " if phase == "after" else b"http/1.1 502 ")
    assert len(got.times) > 10, "it comes in many pieces"
    (announced,) = [line for line in got.head.split(b"\r\n") if line.startswith(b"content-length: ")]
    assert len(got.body) == int(announced.partition(b": ")[2]), "and is whole in the end"


SEEN = {
    "CONNECTION_RESET_BY_PEER": connection_reset,
    "EMPTY_RESPONSE": empty_response,
    "TRUNCATED_BODY": truncated_body,
    "MALFORMED_RESPONSE_CHUNK": malformed_chunk,
    "RANDOM_DATA_THEN_CLOSE": random_data,
    "HANG": hang,
    "GATEWAY_HTML": gateway_html,
    "DRIBBLE": dribble,
}


def patience(fault: str) -> float:
    """How long to wait for more of a connection: where it stays open nothing more is to come."""
    return PATIENCE if fault in ("HANG", "GATEWAY_HTML", "DRIBBLE") else LONG


def test_every_fault_is_seen():
    assert list(SEEN) == list(FAULTS)


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_on_the_wire(client: Client, fault, phase):
    """Before the call the world is unchanged; after it the call is committed, though nobody was told."""
    there = offers(client)
    break_offers(client, {"type": fault, "milliseconds": 300} if fault == "DRIBBLE" else fault, phase)
    SEEN[fault](wire(client, patience=patience(fault)), phase)
    assert offers(client) == there + (phase == "after")
    assert create(client).status_code == 200, "the next call is answered as ever"


@pytest.fixture
def over_tls(secure: Server) -> Iterator[Client]:
    """A client that uses HTTPS, in a workspace of its own."""
    with requests.Session() as session:
        session.verify, session.trust_env = secure.ca, False
        yield Client(secure.tls_url, f"tls-{next(_numbers)}", session)


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_inside_tls(over_tls: Client, fault, phase):
    test_a_fault_on_the_wire(over_tls, fault, phase)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_by_header_comes_after_the_call(client: Client, fault):
    there = offers(client)
    SEEN[fault](wire(client, patience=patience(fault), **{"X-Sandbox-Fault": fault}), "after")
    assert offers(client) == there + 1


def test_the_retry_after_a_fault_meets_the_duplicate(client: Client):
    """The first call was committed, and its answer lost."""
    client.admin("POST", "/rules", {"operation": "ebay.*", "fault": "EMPTY_RESPONSE", "times": 1})
    with pytest.raises(requests.ConnectionError):
        client.send()
    assert client.send().json()["errors"][0]["errorId"] == 150019


def test_the_journal_tells_of_a_fault(client: Client):
    break_offers(client, {"type": "DRIBBLE", "milliseconds": 1}, "before")
    answer = create(client)
    assert answer.status_code == 502
    assert answer.headers["X-Sandbox-Trigger"] == "rule"
    assert "X-Sandbox-Outcome" not in answer.headers, "the call was never made"
    entry = client.admin("GET", f"/requests/{answer.headers['X-Sandbox-Request-Id']}")
    assert entry["fault"] == {"type": "DRIBBLE", "phase": "before", "milliseconds": 1}
    assert (entry["outcome"], entry["changes"]) == (None, [])
    assert [verdict["gave"] for verdict in entry["rules"]] == [["fault"]]


@pytest.mark.parametrize("fault", ["TRUNCATED_BODY", "MALFORMED_RESPONSE_CHUNK"])
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_an_answer_without_a_body_is_cut_in_its_head(client: Client, fault, method):
    """HEAD and a 204 have no body that could be cut: a client would notice nothing."""
    got = wire(client, method, "/api/v1/listings", None, **{"X-Sandbox-Fault": fault})
    assert got.text.startswith(b"HTTP/1.1 20")
    assert b"\r\n\r\n" not in got.text
    assert got.end == "closed"


def test_other_clients_notice_nothing_of_a_hang(client: Client):
    break_offers(client, "HANG")
    assert wire(client).end == "silent"
    assert client.ebay("GET", EBAY_FIND).status_code == 200


def test_a_pipelined_request_behind_a_broken_one_is_not_answered(client: Client):
    host, _, port = client.url.removeprefix("http://").rpartition(":")
    one = f"GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    two = (
        f"GET /api/v1/listings HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer a\r\nX-Sandbox-Fault:"
        " EMPTY_RESPONSE\r\n\r\n"
    ).encode()
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(one + two + one)
        got = b""
        while chunk := connection.recv(65536):
            got += chunk
    assert got.count(b"HTTP/1.1 200") == 1


def test_a_request_behind_a_broken_one_troubles_nobody():
    """Nothing is logged, and the server ends at once although a client left a hanging call behind."""
    server = Server()
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    for fault in ("CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "HANG"):
        first = (
            f"GET /api/v1/listings HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer a\r\nX-Sandbox-Fault:"
            f" {fault}\r\n\r\n"
        ).encode()
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
            connection.sendall(first + f"GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            with contextlib.suppress(ConnectionResetError, TimeoutError):
                assert connection.recv(100) == b""
    server.process.send_signal(signal.SIGTERM)
    _, log = server.process.communicate(timeout=60)
    assert (server.process.returncode, log) == (0, "")


def test_a_delay_before_the_call_leaves_the_world_as_it_is_until_then(client: Client):
    """The delayed call sees what others did meanwhile, and is made once."""
    there = offers(client)
    break_offers(client, None, "before", delay={"type": "fixed", "milliseconds": 1_500})
    host, _, port = client.url.removeprefix("http://").rpartition(":")
    body = json.dumps(SAMPLE)
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(
            f"POST /api/v1/offers HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer a\r\nContent-Type:"
            f" application/json\r\nX-Sandbox-Workspace: {client.workspace}\r\nContent-Length: {len(body)}\r\n\r\n"
            f"{body}".encode()
        )
        wait_for_a_hit(client)
        assert offers(client) == there
        assert create(client).status_code == 200, "another call overtakes it"
        assert b"HTTP/1.1 200" in connection.recv(65536)
    assert offers(client) == there + 2


def test_a_delayed_call_is_made_although_its_client_went_away(client: Client):
    there = offers(client)
    break_offers(client, None, "before", delay={"type": "fixed", "milliseconds": 300})
    assert wire(client, patience=0.05).end == "silent"
    client.admin("GET", "/requests/wait?operation=covent.createOffer&timeout=20")
    assert offers(client) == there + 1


@pytest.mark.parametrize("fault", FAULTS)
def test_a_server_that_gives_no_connection_says_so(tmp_path, fault):
    """501 in plain words, nothing done and nothing counted; a gateway's page needs no connection."""
    program = (
        "import sys; from offer_sandbox.app import create_app, Options; c = create_app(Options()).test_client();"
        f"rule = dict(operation='covent.*', fault='{fault}');"
        "base = 'http://localhost'; auth = {'Authorization': 'Bearer a'};"
        "assert c.post('/__admin/rules', json=rule, base_url=base).status_code == 201;"
        "a = c.get('/api/v1/listings', headers=auth, base_url=base);"
        "b = c.get('/api/v1/nothing', headers={**auth, 'X-Sandbox-Fault': rule['fault']}, base_url=base);"
        "hits = c.get('/__admin/rules', base_url=base).json['rules'][0];"
        "print(a.status_code, a.content_type, b.status_code, hits['matched'], hits['hits'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    if fault == "GATEWAY_HTML":
        assert done.stdout == "502 text/html; charset=utf-8 502 1 1\n", done.stderr
    else:
        assert done.stdout == "501 application/problem+json 501 0 0\n", done.stderr


def test_a_hanging_connection_keeps_no_server_from_ending(session):
    server = Server()
    client = Client(server.url, "hanging", session)
    break_offers(client, "HANG")
    assert wire(client, patience=0.2).end == "silent"
    host, _, port = client.url.removeprefix("http://").rpartition(":")
    break_offers(client, "HANG")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        body = json.dumps(SAMPLE)
        connection.sendall(
            f"POST /api/v1/offers HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer a\r\nX-Sandbox-Workspace:"
            f" hanging\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        wait_for_a_hit(client)
        assert server.stop() == 0
        assert connection.recv(10) == b""

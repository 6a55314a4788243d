"""Large calls with the records of a workspace: their limits, their memory, and others that go on meanwhile."""

import gzip
import json
import sys
import threading
from pathlib import Path

import pytest
import requests

from raw_http import connected, rest_of
from running_server import Client, Server, until

MIB = 1024 * 1024
OFFERS = "/__admin/state/covent/offers"
KEYS = ("--host", "0.0.0.0", "--auth", "keys", "--admin-token", "only-the-operator-knows")


@pytest.fixture(scope="module")
def small():
    """A server that takes records of 2 MiB, and a client of it."""
    server = Server("--max-state-body", "2")
    yield Client(server.url, "large", requests.Session())
    assert server.stop() == 0


def resident(server: Server, kind: str = "VmRSS") -> int:
    """The memory of a server's process in bytes, now or (`VmHWM`) at its highest."""
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(kind))


def offers(client: Client, number: int, **changes: str) -> bytes:
    """A body with this many offers."""
    [one] = client.admin("GET", "/state/covent/offers")["offers"][:1]
    return json.dumps({"offers": [{**one, **changes, "id": f"off_{index}"} for index in range(number)]}).encode()


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_a_body_of_records_may_have_the_size_of_its_flag_and_no_other_body(small, coding):
    body = offers(small, 3_000)
    assert MIB < len(body) < 2 * MIB
    sent, headers = (body, {}) if coding == "identity" else (gzip.compress(body), {"Content-Encoding": "gzip"})
    stored = small.call("PUT", OFFERS, data=sent, headers=headers)
    assert stored.json() == {"stored": 3_000, "total": 3_000}
    beyond = body + b" " * (2 * MIB)
    for data, more in ((beyond, {}), (gzip.compress(beyond), {"Content-Encoding": "gzip"}), (iter([beyond]), {})):
        refused = small.call("PUT", OFFERS, data=data, headers=more)
        assert (refused.status_code, refused.json()["detail"]) == (413, "the body is larger than 2 MiB")
    for path in ("/__admin/rules", f"{OFFERS}/off_1"):
        refused = small.call("PUT" if "off" in path else "POST", path, data=b" " * (MIB + 1) + b"{}")
        assert (refused.status_code, refused.json()["detail"]) == (413, "the body is larger than 1 MiB")


def test_a_response_with_records_has_the_same_limit(small):
    body = offers(small, 3_000)
    for start in (0, 3_000):
        renamed = body.replace(b'"off_', b'"off_%d' % (start + 1))
        assert small.call("PATCH", OFFERS, data=renamed).status_code == 200
    for path in (OFFERS, "/__admin/snapshot"):
        refused = small.call("GET", path)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:offer-sandbox:problem:too-many-records")
        assert "and a response at most 2 (raise it with serve --max-state-body)" in refused.json()["detail"]
    assert small.call("GET", f"{OFFERS}/off_11").status_code == 200
    small.admin("POST", "/reset", {"scope": ["state"]})
    assert small.call("GET", OFFERS).status_code == 200


def test_one_record_may_have_two_mebibytes(client):
    [record] = client.admin("GET", "/state/covent/offers")["offers"][:1]
    before = client.call("GET", OFFERS).content
    large = json.dumps({"offers": [record, {**record, "id": "off_large", "notes": "x" * (2 * MIB)}]})
    refused = client.call("PUT", OFFERS, data=large)
    assert (refused.status_code, refused.json()["detail"]) == (422, "offers[1] : is larger than 2 MiB")
    assert client.call("PATCH", f"{OFFERS}/{record['id']}", json={"notes": "x" * (MIB - 100)}).status_code == 200
    growing = {"history": [{"type": "y" * (MIB - 200), "at": record["created_at"]}]}
    assert client.call("PATCH", f"{OFFERS}/{record['id']}", json=growing).status_code == 422
    assert client.call("PATCH", f"{OFFERS}/{record['id']}", json={"notes": record["notes"]}).status_code == 200
    assert client.call("GET", OFFERS).content == before


def test_others_are_answered_between_the_slices_of_a_large_call(server, fresh):
    client, other = fresh(), fresh()
    body = offers(client, 20_000)
    finished, answered = threading.Event(), []

    def put() -> None:
        answered.append(client.call("PUT", OFFERS, data=body))
        finished.set()

    thread = threading.Thread(target=put)
    thread.start()
    between = 0
    while not finished.is_set():
        assert other.call("GET", "/health").status_code == 200
        between += not finished.is_set()
    thread.join()
    assert answered[0].json() == {"stored": 20_000, "total": 20_000}
    assert between >= 10, "a call of a second has dozens of slices"


def test_a_large_call_that_is_refused_changes_nothing(client):
    before = client.world()
    body = offers(client, 5_000)
    for broken, status in (
        (body[:-20], 400),
        (body.replace(b'"off_4999"', b'"off_4998"'), 422),
        (body[:-2] + b",7]}", 422),
    ):
        assert client.call("PUT", OFFERS, data=broken).status_code == status
    assert client.world() == before


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of a process in /proc")
def test_the_body_of_a_stranger_is_not_kept():
    server = Server(*KEYS)
    until(lambda: requests.get(f"{server.url}/__admin/clock", timeout=30).status_code == 401)
    before = resident(server)
    head = b"PUT /__admin/snapshot HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (31 * MIB)
    chunked = b"PUT /__admin/snapshot HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % (31 * MIB)
    senders = [connected(server.url) for _ in range(6)]
    for number, sender in enumerate(senders):
        sender.sendall((chunked if number % 2 else head) + b" " * (30 * MIB))
    until(lambda: requests.get(f"{server.url}/health", timeout=30).status_code == 200)
    assert resident(server) - before < 40 * MIB
    for number, sender in enumerate(senders):
        sender.sendall(b" " * MIB + (b"\r\n0\r\n\r\n" if number % 2 else b""))
        sender.settimeout(30)
        assert sender.recv(65536).startswith(b"HTTP/1.1 401 ")
        sender.close()
    assert server.stop() == 0


def test_a_stranger_who_asks_first_sends_no_body():
    server = Server(*KEYS)
    with connected(server.url) as stranger:
        stranger.sendall(
            b"PUT /__admin/snapshot HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n"
            % (31 * MIB)
        )
        assert stranger.recv(65536).startswith(b"HTTP/1.1 401 ")
        assert rest_of(stranger) == b""
    assert server.stop() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of a process in /proc")
def test_dense_records_take_no_more_than_five_times_their_size(server, fresh):
    server = Server()
    client = Client(server.url, "dense", requests.Session())
    body = offers(client, 1)
    before, dense = resident(server), b'{"offers":[' + b"[]," * 2_000_000 + b"[]]}"
    assert client.call("PUT", OFFERS, data=dense).status_code == 422
    assert client.call("PUT", OFFERS, data=body).status_code == 200
    assert resident(server, "VmHWM") - before < 5 * len(dense) + 10 * MIB
    assert server.stop() == 0


def test_no_more_than_eight_large_bodies_are_read_at_the_same_time():
    server = Server()
    head = b"PUT %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % (OFFERS.encode(), 2 * MIB)
    senders = [connected(server.url) for _ in range(9)]
    for sender in senders:
        sender.sendall(head + b" " * MIB)
        until(lambda: requests.get(f"{server.url}/health", timeout=30).ok)
    senders[8].sendall(b" " * MIB)
    assert b'"type":"urn:offer-sandbox:problem:too-busy"' in senders[8].recv(65536)
    senders[0].sendall(b" " * (MIB - 2) + b"{}")
    assert senders[0].recv(65536).startswith(b"HTTP/1.1 422 ")
    senders[8].sendall(head + b" " * (2 * MIB - 2) + b"{}")
    assert senders[8].recv(65536).startswith(b"HTTP/1.1 422 ")
    for sender in senders:
        sender.close()
    assert server.stop() == 0


def test_a_large_body_that_breaks_off_or_is_malformed_takes_no_place():
    server = Server()
    head = b"PUT %s HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % (
        OFFERS.encode(),
        2 * MIB,
    )
    for number in range(20):
        with connected(server.url) as sender:
            sender.sendall(head + b" " * (MIB + MIB // 2))
            if number % 2:
                sender.sendall(b" " * (MIB // 2) + b"\r\nno chunk\r\n")
                assert sender.recv(65536).startswith(b"HTTP/1.1 400 ")
    client = Client(server.url, "w", requests.Session())
    body = offers(client, 3_000)
    assert len(body) > MIB
    assert client.call("PUT", OFFERS, data=body).status_code == 200
    assert server.stop() == 0

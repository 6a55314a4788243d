"""The listener: both loopback families, delays that block nobody, shutdown, hostile HTTP, other WSGI servers."""

import concurrent.futures
import signal
import socket
import subprocess
import sys
import threading
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from metrics_reader import figures
from offer_sandbox.server import sockets
from raw_http import answers, connected, raw, rest_of
from running_server import EBAY_FIND, Client, Server, outcome, until

FIND = {"Authorization": "Bearer sbx_a", "X-EBAY-C-MARKETPLACE-ID": "EBAY_US"}


def test_both_families_of_the_loopback_answer(server: Server):
    port = urlsplit(server.url).port
    assert requests.get(f"http://127.0.0.1:{port}/health", timeout=30).status_code == 200
    assert requests.get(f"http://[::1]:{port}/health", timeout=30).status_code == 200


def test_answers_do_not_wait_for_the_clients_acknowledgement():
    """Nagle's algorithm is off on accepted connections, which asyncio sees to for sockets that name TCP."""
    for bound in sockets.listen(None, 0):
        assert bound.proto == socket.IPPROTO_TCP
        bound.close()


def test_what_follows_a_request_and_is_none_does_not_spoil_the_next(server: Server):
    """Node sends the body of a GET without a word about it: a refusal of it would answer the client's next call."""
    get = b"GET /offers/offer-123 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sbx_stray\r\n\r\n"
    for stray in (b'{"status": "approved"}', b"a=b", b"\r\n[]", b"\x16\x03\x01"):
        found = [*answers(raw(server.url, get + stray))]
        assert [each.status for each in found] == [200]
        assert found[0].headers["connection"] == "close"
        sandbox = {"X-Sandbox-Workspace": "stray"}
        told = requests.get(f"{server.url}/__admin/requests?limit=1", headers=sandbox, timeout=30).json()[
            "requests"
        ]
        assert told[0]["notes"] == [
            "unannounced bytes were ignored after the headers (a body needs Content-Length or chunked transfer coding)"
        ]
    assert [each.status for each in answers(raw(server.url, get + get + b"\r\nGET"))] == [200, 200]


def test_a_delay_is_waited_out(client: Client):
    answer = client.ebay("GET", EBAY_FIND, headers={"X-Sandbox-Delay": "300"})
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() >= 0.3


def test_five_hundred_delays_do_not_hold_up_others():
    """500 calls of five seconds each are parked at once; fast calls pass them by meanwhile."""
    server = Server()
    parked, passed = [], 0
    ready = threading.Barrier(501)

    def slow() -> int:
        with socket.create_connection(urlsplit(server.url).netloc.split(":"), timeout=60) as connection:
            head = "".join(f"{name}: {value}\r\n" for name, value in {**FIND, "X-Sandbox-Delay": "5000"}.items())
            connection.sendall(f"GET {EBAY_FIND} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode())
            ready.wait()
            return int(connection.recv(65536)[9:12])

    with concurrent.futures.ThreadPoolExecutor(500) as pool:
        parked = [pool.submit(slow) for _ in range(500)]
        ready.wait()
        with requests.Session() as session:
            while not any(future.done() for future in parked):
                assert session.get(f"{server.url}{EBAY_FIND}", headers=FIND, timeout=30).status_code == 200
                passed += 1
        assert [future.result() for future in parked] == [200] * 500
    assert passed > 100
    assert server.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_answers_what_is_in_flight_and_ends_with_0(number):
    server = Server()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        parts = urlsplit(server.url)
        connection = socket.create_connection((parts.hostname, parts.port), timeout=60)
        head = "".join(f"{name}: {value}\r\n" for name, value in {**FIND, "X-Sandbox-Delay": "60000"}.items())
        connection.sendall(f"GET {EBAY_FIND} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode())
        waiting = pool.submit(connection.recv, 65536)
        while not requests.get(f"{server.url}/__admin/clock", timeout=30).ok:
            pass  # an answered later call shows that the earlier one was taken up
        server.process.send_signal(number)
        assert waiting.result(timeout=60).startswith(b"HTTP/1.1 200 OK")
        connection.close()
    _, errors = server.process.communicate(timeout=60)
    assert (server.process.returncode, errors) == (0, "")


def test_a_pipelined_request_is_answered_in_turn(server: Server):
    one = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert raw(server.url, one + last).count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.parametrize(
    "text",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ids=["CL and TE", "two CL", "CL +1", "space before colon", "nonsense", "zeros", "8-bit path"],
)
def test_broken_http_is_400_and_closes(server: Server, text):
    answer = raw(server.url, text)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"<html" not in answer.lower()
    assert requests.get(f"{server.url}/health", timeout=30).status_code == 200


def test_a_request_that_breaks_off_is_none(client: Client):
    before = client.world()
    head = (
        f"POST /sell/negotiation/v1/send_offer_to_interested_buyers HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer sbx_{client.workspace}\r\nX-EBAY-C-MARKETPLACE-ID: EBAY_US\r\n"
        "Content-Type: application/json\r\nContent-Length: 500\r\n\r\n"
    )
    body = b'{"offeredItems":[{"listingId":"110000000001","discountPercentage":"10"}]}'
    assert raw(client.url, head.encode() + body) == b""
    assert client.world() == before


def test_a_chunked_body_is_read(client: Client):
    body = [b'{"offeredItems":[{"listingId":"110000000001",', b'"discountPercentage":"10"}]}']
    answer = client.ebay(
        "POST",
        "/sell/negotiation/v1/send_offer_to_interested_buyers",
        data=iter(body),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 200


def test_a_chunked_body_that_is_too_large(client: Client):
    answer = client.ebay(
        "POST",
        "/sell/negotiation/v1/send_offer_to_interested_buyers",
        data=(b" " * 65536 for _ in range(40)),
        headers={"Content-Type": "application/json"},
    )
    assert (answer.status_code, outcome(answer)) == (413, "payload_too_large")


@pytest.mark.parametrize(
    "path",
    ["//sell//x", "/sell/%00", "/sell/a%0Ab", "/sell/%FF", "/%2e%2e/sell", "/sell/..", "/graphql/", "/graphql//"],
)
def test_odd_paths_get_no_html(server: Server, path):
    answer = raw(server.url, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert b"<html" not in answer.lower()
    assert b"<!doctype" not in answer.lower()
    assert answer[9:10] == b"4"


@pytest.mark.parametrize("method", ["PROPFIND", "PURGE", "LINK", "TRACE"])
def test_any_method_is_refused_in_the_dialect(client: Client, method):
    answer = client.ebay(method, EBAY_FIND)
    assert (answer.status_code, outcome(answer)) == (405, "method_not_allowed")


@pytest.mark.parametrize("host", ["a..b", "x" * 64, "x" * 3000 + ".example", "-", "[::1", "a b"])
def test_an_odd_host_changes_nothing(client: Client, host):
    answer = client.ebay("GET", EBAY_FIND, headers={"Host": host})
    assert answer.status_code == 200
    assert client.call("GET", "/__admin/clock", headers={"Host": host}).status_code in (403, 404)


def test_a_head_that_is_too_long_is_431(server: Server):
    for text in (b"X-Long: " + b"x" * 100_000, b"\r\n".join(b"X-%d: %s" % (n, b"x" * 1000) for n in range(100))):
        answer = raw(server.url, b"GET /health HTTP/1.1\r\nHost: a\r\n" + text + b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 431 ")
    assert raw(server.url, b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n").startswith(
        b"HTTP/1.1 431 "
    )


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX: ",
        b"GET / HTTP/1.1\r\nHost: a\r\nX",
        b"POST /graphql HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ",
    ],
    ids=["value", "name", "trailer"],
)
def test_a_head_without_an_end_is_431(server: Server, beginning: bytes):
    """The client reads the refusal although it goes on sending, and then loses its connection."""
    with connected(server.url) as connection, pytest.raises(ConnectionError):
        connection.sendall(beginning)
        connection.sendall(b"a" * 1_000_000)
        [answer] = answers(rest_of(connection))
        assert (answer.status, answer.headers["connection"]) == (431, "close")
        while True:
            connection.sendall(b"a" * 1_000_000)


def test_each_byte_of_a_head_counts(server: Server):
    lines = b"A:\r\n" * 16_380
    assert raw(server.url, b"GET /health HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n").startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("hosts", [b"", b"Host: localhost\r\nHost: localhost\r\n"], ids=["none", "two"])
def test_a_request_has_one_host(server: Server, hosts: bytes):
    [answer] = answers(raw(server.url, b"GET /health HTTP/1.1\r\n" + hosts + b"\r\n"))
    assert (answer.status, answer.headers["connection"]) == (400, "close")
    assert "one Host header" in answer.headers["x-sandbox-reason"]


def test_http_1_0_needs_no_host_and_gets_no_100(server: Server):
    text = b"POST /graphql HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}"
    assert raw(server.url, text).startswith(b"HTTP/1.1 401 ")


def test_white_space_around_a_header_s_value_is_no_part_of_it(client: Client):
    text = (
        f"GET {EBAY_FIND} HTTP/1.1\r\nHost: localhost \t\r\nAuthorization:\tBearer sbx_{client.workspace} \r\n"
        "X-EBAY-C-MARKETPLACE-ID: \t EBAY_US \t \r\nX-Empty: \r\n\r\n"
    )
    [answer] = answers(raw(client.url, text.encode()))
    assert (answer.status, answer.headers["x-sandbox-workspace"]) == (200, client.workspace)


def test_chunked_may_have_white_space_behind_it(client: Client):
    text = (
        f"POST /api/v1/offers HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer sbx_{client.workspace}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked \r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    )
    [answer] = answers(raw(client.url, text.encode()))
    assert (answer.status, answer.headers["x-sandbox-outcome"]) == (422, "covent.createOffer.validation_error")


def test_trailers_are_no_headers(client: Client):
    text = (
        f"POST /api/v1/offers HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer sbx_{client.workspace}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
        "X-Sandbox-Outcome: unavailable\r\nX-Sandbox-Workspace: other\r\n\r\n"
    )
    [answer] = answers(raw(client.url, text.encode()))
    assert (answer.status, answer.headers["x-sandbox-workspace"]) == (422, client.workspace)


def test_a_refusal_waits_for_the_answers_before_it(client: Client):
    """Two calls, the first with a delay, then what cannot be read: three answers in that order."""
    call = f"GET {EBAY_FIND} HTTP/1.1\r\nHost: a\r\nX-EBAY-C-MARKETPLACE-ID: EBAY_US\r\n"
    own = f"{call}Authorization: Bearer sbx_{client.workspace}\r\n"
    bad = "GET / HTTP/1.1\r\nHost : a\r\n\r\n"
    with connected(client.url) as connection:
        connection.sendall(f"{own}X-Sandbox-Delay: 200\r\n\r\n{own}\r\n{bad}".encode())
        received = rest_of(connection)
    assert [answer.status for answer in answers(received)] == [200, 200, 400]


def test_a_body_that_cannot_be_read_is_no_call(client: Client):
    before = client.world()
    text = (
        f"POST /api/v1/offers HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer sbx_{client.workspace}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n"
    )
    [answer] = answers(raw(client.url, text.encode()))
    assert (answer.status, answer.headers["x-sandbox-reason"]) == (400, "a chunk of the body has no size")
    assert client.world() == before
    [told] = client.admin("GET", "/requests")["requests"]
    assert (told["operation"], told["request"]["body"], told["changes"]) == (None, "{}", [])


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET /health", 505),
        (b"GET /health HTTP/0.9", 505),
        (b"GET /health HTTP/2.0", 505),
        (b"GET http://localhost HTTP/1.1", 200),
        (b"GET http://localhost/health HTTP/1.1", 200),
    ],
)
def test_request_lines(server: Server, line: bytes, status: int):
    [answer] = answers(raw(server.url, line + b"\r\nHost: localhost\r\n\r\n"))
    assert answer.status == status


def test_a_transfer_coding_that_is_not_read_is_501(server: Server):
    text = b"POST /graphql HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
    [answer] = answers(raw(server.url, text))
    assert answer.status == 501


def test_after_a_request_that_closes_nothing_more_is_read(server: Server):
    """Said in a header or in a trailer, and whatever comes in the same packet."""
    head = b"POST /health/live HTTP/1.1\r\nHost: a\r\n"
    by_header = head + b"Connection: close\r\nContent-Length: 0\r\n\r\n"
    by_trailer = head + b"Transfer-Encoding: chunked\r\n\r\n0\r\nConnection: close\r\n\r\n"
    for first in (by_header, by_trailer):
        with connected(server.url) as connection:
            connection.sendall(first + b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n" * 2)
            [answer] = answers(rest_of(connection))
        assert answer.headers["connection"] == "close"


def test_pipelined_requests_wait_on_the_wire(server: Server):
    """Ten thousand in a few packets, each answered, and never more than some held."""
    process = psutil.Process(server.process.pid)
    before, number = process.memory_info().rss, 20_000
    with connected(server.url) as connection:
        sender = threading.Thread(
            target=connection.sendall, args=(b"GET /health HTTP/1.1\r\nHost:\r\n\r\n" * number,)
        )
        sender.start()
        received, most = 0, 0
        while received < number:
            received += connection.recv(65536).count(b"HTTP/1.1 200 OK")
            most = max(most, process.memory_info().rss)
        sender.join()
    assert most - before < 64 * 1024 * 1024


@pytest.mark.parametrize(
    "text",
    [
        b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf",
        b"POST /graphql HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
        b"GET /health HTTP/1.1\r\nHo",
    ],
    ids=["a body", "a chunk", "a head"],
)
def test_a_client_that_does_not_finish_does_not_stop_the_shutdown(text: bytes):
    server = Server()
    with connected(server.url) as connection:
        connection.sendall(text)
        assert requests.get(f"{server.url}/health", timeout=30).status_code == 200
        server.process.send_signal(signal.SIGTERM)
        assert server.process.communicate(timeout=60)[1] == ""
        assert server.process.returncode == 0


def test_a_header_with_an_underscore_is_not_taken_for_one_with_hyphens(client: Client):
    answer = client.ebay("GET", EBAY_FIND, headers={"X_Sandbox_Outcome": "unavailable"})
    assert answer.status_code == 200


def test_the_app_runs_under_gunicorn(tmp_path):
    """`create_app()` is an ordinary WSGI app: state, refusals and limits are the same there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["-m", "gunicorn", "--threads", "4", "--bind", f"127.0.0.1:{port}", "offer_sandbox.app:create_app()"]
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        subprocess.run([sys.executable, "-m", "offer_sandbox", "wait", url], check=True, timeout=60)
        with requests.Session() as session:
            client = Client(url, "w", session)
            assert client.send().status_code == 200
            assert outcome(client.send()) == "150019"
            large = client.call(
                "POST", "/graphql", data=b"x" * 2_000_000, headers={"Authorization": "Basic sbx_a"}
            )
            assert large.status_code == 413
            delayed = client.ebay("GET", EBAY_FIND, headers={"X-Sandbox-Delay": "300"})
            assert delayed.elapsed.total_seconds() >= 0.3
            assert client.ebay("GET", EBAY_FIND, headers={"X-Sandbox-Fault": "HANG"}).status_code == 501
            assert client.ebay("GET", EBAY_FIND, headers={"X-Sandbox-Fault": "GATEWAY_HTML"}).status_code == 502
            delay = {"type": "fixed", "milliseconds": 300}
            client.admin("POST", "/rules", {"operation": "ebay.*", "delay": delay, "phase": "before", "times": 1})
            assert client.ebay("GET", EBAY_FIND).elapsed.total_seconds() >= 0.3
            with session.get(f"{url}/__admin/requests/stream?workspace=w", stream=True, timeout=30) as feed:
                lines = feed.iter_lines()
                next(lines)
                assert client.ebay("GET", EBAY_FIND).status_code == 200
                assert any(line.startswith(b"data: {") for line in lines)
            assert client.call("GET", "/__admin/requests/wait?count=999&timeout=0.2").status_code == 408
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                found = [pool.submit(client.ebay, "GET", EBAY_FIND) for _ in range(40)]
                assert {future.result().status_code for future in found} == {200}
    finally:
        process.terminate()
        process.wait(timeout=60)


def test_a_client_that_shut_its_side_gets_every_answer(client: Client):
    """Three calls in one packet, the first with a delay, and no more to say."""
    own = f"Host: a\r\nX-EBAY-C-MARKETPLACE-ID: EBAY_US\r\nAuthorization: Bearer sbx_{client.workspace}\r\n"
    call = f"GET {EBAY_FIND} HTTP/1.1\r\n{own}"
    with connected(client.url) as connection:
        connection.sendall(f"{call}X-Sandbox-Delay: 100\r\n\r\n{call}\r\n{call}\r\n".encode())
        connection.shutdown(socket.SHUT_WR)
        received = rest_of(connection)
    assert [answer.status for answer in answers(received)] == [200, 200, 200]
    assert client.admin("GET", "/requests?limit=0")["meta"]["total"] == 3


def test_one_that_waits_for_an_event_and_shuts_its_side_has_left(client: Client):
    """Else each aborted long poll would keep a place for as long as it might have waited."""
    own = f"Host: localhost\r\nX-Sandbox-Workspace: {client.workspace}\r\n\r\n"
    with connected(client.url) as connection:
        connection.sendall(f"GET /__admin/requests/wait?timeout=60 HTTP/1.1\r\n{own}".encode())
        until(lambda: figures(client.url)["offer_sandbox_parked"] >= 1)
        connection.shutdown(socket.SHUT_WR)
        assert rest_of(connection) == b""


def test_many_pipelined_requests_do_not_hold_up_another_client(client: Client):
    """Sixteen answers to one client, then the others have their turn."""
    one = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
    with connected(client.url) as greedy, connected(client.url) as other:
        greedy.sendall(one * 4_000)
        other.sendall(one)
        assert other.recv(65536).startswith(b"HTTP/1.1 200 OK")
        received = 0
        while received < 4_000:
            received += greedy.recv(65536).count(b"HTTP/1.1 200 OK")

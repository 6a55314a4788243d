"""Waits and the live feed: answered when something happens, refused when it does not, parked without a thread."""

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from werkzeug.test import create_environ

from covent_calls import create
from running_server import EBAY_FIND, Client, Server

SEND = "ebay.sendOfferToInterestedBuyers"


def other(client: Client) -> Client:
    """The same workspace over a connection of its own."""
    return Client(client.url, client.workspace, requests.Session())


def meanwhile(client: Client, path: str, act) -> requests.Response:
    """The answer to a wait that begins before something is done."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(other(client).call, "GET", f"/__admin{path}")
        act()
        return answer.result(timeout=30)


def test_a_wait_for_requests_ends_when_they_came(client: Client):
    client.send()
    answer = meanwhile(
        client, f"/requests/wait?operation={SEND}&count=2&timeout=20", lambda: (create(client), client.send())
    )
    assert answer.status_code == 200
    assert [each["operation"] for each in answer.json()["requests"]] == [SEND, SEND]
    assert client.call("GET", "/__admin/requests/wait?timeout=0").status_code == 200, "there are some already"


def test_a_limit_bounds_the_list_and_not_the_wait(client: Client):
    for _ in range(3):
        client.send()
    answer = client.call("GET", "/__admin/requests/wait?count=3&limit=1&timeout=0")
    assert (answer.status_code, len(answer.json()["requests"])) == (200, 1)
    assert client.call("GET", "/__admin/requests/wait?count=10001&timeout=600").status_code == 422


def test_a_journal_that_is_emptied_meanwhile_counts_anew(client: Client):
    client.send()

    def empty_and_fill() -> None:
        client.call("DELETE", "/__admin/requests")
        client.send()
        client.send()

    answer = meanwhile(client, "/requests/wait?count=2&timeout=20", empty_and_fill)
    assert len(answer.json()["requests"]) >= 2


def test_a_wait_since_an_entry_goes_on_when_that_is_gone():
    """Between two looks of one wait, which a server that parks it makes."""
    from offer_sandbox.admin.suspend import DELIVERY_KEY, PARKING_KEY, RESUME_KEY
    from offer_sandbox.app import create_app
    from offer_sandbox.options import Options

    app = create_app(Options())

    def call() -> str:
        answer = app.test_client().get(
            "/api/v1/listings", headers={"Authorization": "Bearer a"}, base_url="http://localhost"
        )
        return answer.headers["X-Sandbox-Request-Id"]

    def look(**more) -> tuple[dict, bytes]:
        path = f"/__admin/requests/wait?count=1&since={id}&timeout=600"
        environ = create_environ(path, "http://localhost", environ_overrides={PARKING_KEY: True, **more})
        return environ, b"".join(app(environ, lambda *_: None))

    id = call()
    plan = look()[0][DELIVERY_KEY]
    assert plan.wake_on == "default"
    app.test_client().delete("/__admin/requests", base_url="http://localhost")
    newer = call()
    _, told = look(**{RESUME_KEY: plan.resume})
    assert [entry["id"] for entry in json.loads(told)["requests"]] == [newer]


@pytest.mark.parametrize("query", ["since=garbage", "limit=x"])
def test_a_wait_that_is_not_understood_is_refused_at_once(client: Client, query):
    assert client.call("GET", f"/__admin/requests/wait?count=99&timeout=600&{query}").status_code == 422


def test_a_wait_ends_with_408_when_nothing_came(client: Client):
    answer = client.call("GET", "/__admin/requests/wait?count=1&timeout=0.2")
    assert answer.status_code == 408
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "0.2 seconds" in answer.json()["detail"]


def test_a_wait_for_a_status_ends_with_the_transition(client: Client):
    client.admin("PUT", "/clock", {"mode": "frozen"})
    id = client.send().json()["offers"][0]["offerId"]
    path = f"/state/ebay/offers/{id}/wait"
    assert client.call("GET", f"/__admin{path}?status=PENDING&timeout=0").status_code == 200
    answer = meanwhile(
        client,
        f"{path}?status=EXPIRED&timeout=20",
        lambda: client.admin("POST", "/clock/advance", {"by": "P2D"}),
    )
    assert (answer.status_code, answer.json()["offerStatus"]) == (200, "EXPIRED")


def test_a_wait_for_a_status_that_time_brings_needs_no_bell(client: Client):
    client.admin("PUT", "/settings", {"progressions": {"covent.decision": {"progression": "time", "seconds": 1}}})
    id = create(client, listing_id="lst_rejects").json()["id"]
    answer = client.call("GET", f"/__admin/state/covent/offers/{id}/wait?status=rejected&timeout=20")
    assert (answer.status_code, answer.json()["status"]) == (200, "rejected")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/requests/wait?count=-1", 422),
        ("/requests/wait?count=x", 422),
        ("/requests/wait?timeout=-1", 422),
        ("/requests/wait?timeout=601", 422),
        ("/requests/wait?timeout=nan", 422),
        ("/requests/wait?timeout=soon", 422),
        ("/requests/wait?operation=ebay.nope", 422),
        ("/state/ebay/offers/none/wait?status=EXPIRED", 404),
        ("/state/ebay/nothing/1/wait?status=EXPIRED", 404),
        ("/state/nobody/offers/1/wait?status=EXPIRED", 404),
        ("/state/estateprime/offers/54/wait?status=nonsense", 422),
        ("/state/covent/offers/off_123/wait?status=nonsense", 422),
        ("/state/covent/offers/off_123/wait", 422),
        ("/state/covent/individuals/ind_123/wait?status=submitted", 422),
    ],
)
def test_a_wait_that_could_never_end_is_refused_at_once(client: Client, path, status):
    assert client.call("GET", f"/__admin{path}").status_code == status


def test_a_record_that_never_moves_can_be_waited_for_too(client: Client):
    answer = client.call("GET", "/__admin/state/estateprime/offers/54/wait?status=under_negotiation&timeout=0")
    assert answer.status_code == 200


def events(answer: requests.Response, number: int) -> list[dict]:
    """The next events of a stream."""
    found = []
    for line in answer.iter_lines():
        if line.startswith(b"data: "):
            found.append(json.loads(line.removeprefix(b"data: ")))
            if len(found) == number:
                return found
    return found


def stream(client: Client, **headers) -> requests.Response:
    """An open stream of the workspace."""
    return requests.get(
        f"{client.url}/__admin/requests/stream",
        headers={"X-Sandbox-Workspace": client.workspace, **headers},
        stream=True,
        timeout=30,
    )


def test_the_stream_tells_each_exchange_as_it_happens(fresh):
    client, foreign = fresh(), fresh()
    client.send()
    with stream(client) as feed:
        assert feed.headers["Content-Type"] == "text/event-stream"
        foreign.send()
        made = [client.ebay("GET", EBAY_FIND).headers["X-Sandbox-Request-Id"] for _ in range(3)]
        assert [event["id"] for event in events(feed, 3)] == made
    with stream(client, **{"Last-Event-ID": made[0]}) as feed:
        assert [event["id"] for event in events(feed, 2)] == made[1:], "a reader goes on where it was cut off"


def test_many_wait_and_others_are_answered(client: Client):
    """Parked requests are no threads: sixty of them keep nobody waiting, and all end with one call."""
    waits = [threading.Thread(target=lambda: codes.append(wait())) for _ in range(60)]
    codes: list[int] = []

    def wait() -> int:
        path = f"/__admin/requests/wait?operation={SEND}&timeout=30"
        return other(client).call("GET", path).status_code

    for each in waits:
        each.start()
    assert client.ebay("GET", EBAY_FIND).status_code == 200
    client.send()
    for each in waits:
        each.join(timeout=30)
    assert codes == [200] * 60


def test_waits_and_streams_keep_no_server_from_ending(session):
    server = Server()
    client = Client(server.url, "ending", session)
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    parked = []
    for path in ("/__admin/requests/wait?timeout=600", "/__admin/requests/stream"):
        connection = socket.create_connection((host, int(port)), timeout=30)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Sandbox-Workspace: ending\r\n\r\n".encode())
        parked.append(connection)
    assert parked[1].recv(1000).startswith(b"HTTP/1.1 200")
    client.admin("GET", "/rules")
    assert server.stop() == 0
    assert parked[0].recv(1000).startswith(b"HTTP/1.1 408")
    for connection in parked:
        connection.close()


def test_a_server_that_answers_one_call_at_a_time_refuses_to_wait(tmp_path):
    """What is waited for could never happen there; what has happened already is told."""
    from offer_sandbox.app import create_app
    from offer_sandbox.options import Options

    alone = create_app(Options(data=tmp_path)).test_client()
    path = "/__admin/requests/wait?timeout=600"
    assert alone.get(path, base_url="http://localhost").status_code == 501
    alone.get("/api/v1/listings", headers={"Authorization": "Bearer a"}, base_url="http://localhost")
    assert alone.get(path, base_url="http://localhost").status_code == 200


def test_the_head_of_a_stream_ends(client: Client):
    answer = client.call("HEAD", "/__admin/requests/stream")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/event-stream")

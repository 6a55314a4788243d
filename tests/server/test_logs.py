"""The log: one structured line for each exchange, warnings in the same form, and a slow reader keeps nobody waiting."""

import json
import subprocess
import sys

import requests

from covent_calls import create
from provider_calls import CALLS, send
from running_server import Client, Server, run


def lines(server: Server) -> list[dict]:
    """What a server has logged by its end."""
    server.process.terminate()
    text = server.process.communicate(timeout=60)[1]
    assert server.process.returncode == 0
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_for_each_exchange_with_its_id_and_what_became_of_it(session):
    server = Server("--log", "json")
    client = Client(server.url, "w", session)
    answers = [send(server.url, provider, "sbx_w", "write") for provider in CALLS]
    answers += [client.send({"offeredItems": []}), client.call("GET", "/nobody?secret=1")]
    client.admin("GET", "/clock")
    told = lines(server)
    assert [line["id"] for line in told] == [a.headers["X-Sandbox-Request-Id"] for a in answers]
    assert [line["status"] for line in told] == [a.status_code for a in answers]
    assert [line.get("outcome") for line in told] == [a.headers.get("X-Sandbox-Outcome") for a in answers]
    assert {line["event"] for line in told} == {"exchange"}
    assert {line["level"] for line in told} == {"info"}
    assert all({"timestamp", "method", "path", "workspace"} <= line.keys() for line in told)
    assert told[-2]["reason"] == answers[-2].headers["X-Sandbox-Reason"]
    assert told[-1]["path"] == "/nobody", "no query, no header, no body: they may hold secrets"


def test_no_secret_and_no_line_break_gets_into_it(session):
    server = Server("--log", "json")
    client = Client(server.url, "w", session)
    key = "sbx_w.topsecret"
    send(server.url, "sibi", key)
    create(client, notes="topsecret")
    client.call("GET", "/nobody%0A%7B%22event%22:1%7D", headers={"Authorization": f"Bearer {key}"})
    client.call("POST", "/identity/v1/oauth2/token", data={"refresh_token": "topsecret"})
    told = lines(server)
    assert len(told) == 4
    assert "topsecret" not in json.dumps(told)


def test_text_for_people_and_off_for_nobody(session):
    text = Server("--log", "text")
    Client(text.url, "w", session).send()
    text.process.terminate()
    line = text.process.communicate(timeout=60)[1]
    assert line.count("\n") == 1
    assert "exchange" in line
    assert "outcome=ebay.sendOfferToInterestedBuyers.success" in line
    off = Server("--log", "off")
    Client(off.url, "w", session).send()
    off.process.terminate()
    assert off.process.communicate(timeout=60)[1] == ""


def test_the_text_log_shows_no_control_character(session):
    server = Server("--log", "text")
    path = "/a%1b]0;owned%07%1b[2J%c2%9b31m%0d%0ab"
    session.get(
        f"{server.url}{path}", headers={"Authorization": "Bearer x\x1b[2J".replace("\x1b", "")}, timeout=30
    )
    server.process.terminate()
    text = server.process.communicate(timeout=60)[1]
    assert "owned" in text
    assert [sign for sign in text if not sign.isprintable() and sign != "\n"] == []
    assert "\\x1b]0;owned" in text


def test_another_form_is_a_misuse():
    assert run("serve", "--port", "0", "--log", "xml").returncode == 2


def test_a_reader_that_reads_nothing_keeps_nobody_waiting():
    """A pipe holds 64 KiB; the lines of these calls take several times as much."""
    server = Server("--log", "json")
    with requests.Session() as session:
        for _ in range(1_500):
            assert send(server.url, "sibi", "sbx_w", session=session).status_code == 200
    server.process.terminate()
    server.process.wait(timeout=60)
    assert server.process.returncode == 0
    server.process.communicate(timeout=60)


def test_lines_come_in_order_with_the_time_at_which_each_happened(session):
    """They are written together, a tenth of a second later."""
    server = Server("--log", "json")
    client = Client(server.url, "w", session)
    for _ in range(3):
        send(server.url, "sibi", "sbx_w")
        client.call("GET", "/nobody%FF")
        client.admin("GET", "/requests/wait?timeout=0.05&count=0")
    listed = [entry["at"] for entry in client.admin("GET", "/requests")["requests"]][::-1]
    told = lines(server)
    assert [line["timestamp"][:23] for line in told] == [at[:23] for at in listed]


def test_what_cannot_wait_is_dropped_and_told():
    code = (
        "import logging, threading\n"
        "from offer_sandbox.server import logs\n"
        "logs._MAX_WAITING = 10\n"
        "held = threading.Event()\n"
        "class Slow(logs._Lazy):\n"
        "    def format(self, record):\n"
        "        held.wait(30)\n"
        "        return super().format(record)\n"
        "logs._Lazy = Slow\n"
        "with logs.written('json'):\n"
        "    for number in range(100):\n"
        "        logging.getLogger('offer_sandbox').info('line')\n"
        "    held.set()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    told = [json.loads(line)["event"] for line in ended.stderr.splitlines()]
    assert told.count("line") in (10, 11)
    assert f"{100 - told.count('line')} lines dropped" in told


def test_an_exception_is_one_line_too():
    code = (
        "import logging\n"
        "from offer_sandbox.server import logs\n"
        "with logs.written('json'):\n"
        "    try:\n"
        "        1 / 0\n"
        "    except ZeroDivisionError:\n"
        "        logging.getLogger('offer_sandbox').exception('failed')\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    (line,) = ended.stderr.splitlines()
    assert "ZeroDivisionError" in json.loads(line)["exception"]

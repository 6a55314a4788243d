"""The verbs `play` and `validate`: what they print, find and answer."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest
import requests
import yaml

from offer_sandbox.contract.delivery import FAULTS
from running_server import COMMAND, ROOT, Client, Server, outcome, run

SLOW = """
scenario: slow-then-denied
title: Evaluation takes 25 s, then the home is denied
settings: {progressions: {opendoor.evaluation: {progression: time, seconds: 25}}}
clock: {mode: frozen, now: "2026-04-17T19:45:00Z"}
rules:
  - {operation: opendoor.offerRequestUpdate, outcome: VALUATION_TOO_LOW}
play:
  - {call: opendoor.offerRequestCreate, expect: {outcome: PENDING, trigger: natural}}
  - {call: opendoor.offerRequestUpdate, like: EVALUATING_REQUEST, note: sealed, expect: {trigger: rule}}
  - {advance: PT24S, expect: {events: []}}
  - {advance: PT1S, expect: {events: [{provider: opendoor, to: DENIED}]}}
"""


# A child of a background job ignores SIGINT, as the job does.
INTERRUPTIBLE = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""


def file(tmp_path, text: str, name: str = "scenario.yaml") -> str:
    """A file with that text."""
    path = tmp_path / name
    path.write_text(text)
    return str(path)


def test_a_scenario_is_played_to_its_end(tmp_path):
    done = run("play", file(tmp_path, SLOW))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "slow-then-denied: Evaluation takes 25 s, then the home is denied"
    assert lines[1] == "  1. opendoor.offerRequestCreate -> 200 PENDING (natural)"
    assert lines[2] == (
        "  2. opendoor.offerRequestUpdate -> 200 EVALUATING_REQUEST (rule: VALUATION_TOO_LOW later)   # sealed"
    )
    assert lines[3] == "  3. advance PT24S: nothing happens"
    assert lines[4].endswith("EVALUATING_REQUEST -> DENIED")
    assert lines[5] == "all 4 steps as expected"


def test_the_ready_made_scenarios_are_listed():
    done = run("play", "--list")
    lines = dict(line.split(None, 1) for line in done.stdout.splitlines())
    assert list(lines) == sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))
    assert lines["covent-denied"] == yaml.safe_load((ROOT / "scenarios/covent-denied.yaml").read_text())["title"]
    without = run("play")
    assert (without.returncode, without.stdout) == (2, "")
    assert "--list" in without.stderr


def test_nothing_but_the_steps_is_printed():
    """The log of the server that `play` starts is not mixed with them."""
    done = run("play", "covent-rate-limit")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(
        re.match("covent-rate-limit: |all 4 steps as expected|  [1-9]\\. ", line)
        for line in done.stdout.splitlines()
    )


def test_bodies_and_reasons_are_printed_when_asked_for(server):
    done = run("play", "-v", "covent-rate-limit", "--url", server.url)
    lines = done.stdout.splitlines()
    refused = next(index for index, line in enumerate(lines) if line.startswith("  3. "))
    sent, body, status, received, reason = (line.strip() for line in lines[refused + 1 : refused + 6])
    assert sent == "> POST /covent/api/v1/offers"
    assert json.loads(body.removeprefix("> "))["listing_id"] == "lst_123"
    assert status == "< 429 application/json"
    assert json.loads(received.removeprefix("< "))
    assert reason.startswith("reason: ")
    assert "rule_" in reason


def test_a_presenter_presses_enter_before_each_step(server):
    """The next step is not made before; without anybody at the keyboard the rest is played."""
    command = [*COMMAND, "play", "--pause", "covent-rate-limit", "--url", server.url, "--workspace", "presented"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    client = Client(server.url, "presented", requests.Session())
    assert process.stdout.readline().startswith("covent-rate-limit: ")
    prompt = "  1. covent.listListings (press Enter) "
    assert process.stdout.read(len(prompt)) == prompt
    assert client.call("GET", "/__admin/requests").json()["meta"]["total"] == 0
    process.stdin.write("\n")
    process.stdin.flush()
    process.stdout.readline()
    assert process.stdout.readline() == "  1. covent.listListings -> 200 success (natural)\n"
    prompt = "  2. covent.createOffer (press Enter) "
    assert process.stdout.read(len(prompt)) == prompt
    assert client.call("GET", "/__admin/requests").json()["meta"]["total"] == 1
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert rest.endswith("all 4 steps as expected\n")


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("own", [True, False])
def test_an_interruption_leaves_no_traceback_and_no_scenario(tmp_path, server, own):
    text = "scenario: endless\nrules: [{operation: covent.createOffer, fault: HANG}]\nplay:\n"
    step = "  - {call: covent.listListings}\n  - {call: covent.createOffer, timeout: 500}\n"
    where = [] if own else ["--url", server.url, "--workspace", "interrupted"]
    command = [*COMMAND, "play", file(tmp_path, text + step), *where]
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    while not process.stdout.readline().startswith("  1. "):
        pass
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "\n")
    if not own:
        client = Client(server.url, "interrupted", requests.Session())
        assert not client.call("GET", "/__admin/scenarios/endless").json()["started"]


def test_what_is_not_as_expected_is_told(tmp_path):
    text = """
scenario: wrong
play:
  - call: covent.createOffer
    expect: {status: 201, outcome: unauthorized, trigger: rule, fault: HANG, body: {amount: {lt: 5}, status: submitted},
             header: {content-type: text/plain}}
  - {call: covent.createOffer, expect: {outcome: success}}
  - {advance: P1D, expect: {events: [{to: gone}]}}
"""
    done = run("play", file(tmp_path, text))
    assert done.returncode == 1
    told = [line.strip() for line in done.stdout.splitlines() if "NOT AS EXPECTED" in line]
    assert sorted(told) == sorted(
        [
            "NOT AS EXPECTED: status is 200, expected 201",
            "NOT AS EXPECTED: outcome is success, expected unauthorized",
            "NOT AS EXPECTED: trigger is natural, expected rule",
            "NOT AS EXPECTED: fault is none, expected HANG",
            'NOT AS EXPECTED: body.amount is 372000, expected {"lt": 5}',
            'NOT AS EXPECTED: header content-type is "application/json", expected "text/plain"',
            'NOT AS EXPECTED: no event {"to": "gone"}',
        ]
    )
    assert done.stdout.splitlines()[-1] == "2 of 3 steps not as expected"


def test_a_call_that_cannot_be_sent_is_no_fault(tmp_path, server):
    """A path with a blank is refused before anything is sent."""
    text = 'scenario: blank\nplay:\n  - {call: covent.getOffer, path: "/api/v1/offers/a b"}\n'
    done = run("play", "--url", server.url, file(tmp_path, text))
    assert (done.returncode, "RANDOM_DATA" in done.stdout) == (1, False)
    assert "the call of covent.getOffer cannot be sent" in done.stderr


@pytest.mark.parametrize("fault", FAULTS)
def test_a_player_sees_each_fault_by_its_name(tmp_path, fault, server):
    """And one that nobody expected is not as expected."""
    text = f"scenario: breaks\nrules: [{{operation: covent.createOffer, fault: {fault}}}]\nplay:\n"
    step = "  - {{call: covent.createOffer, timeout: 2, expect: {expect}}}\n"
    good = run("play", "--url", server.url, file(tmp_path, text + step.format(expect=f"{{fault: {fault}}}")))
    assert good.returncode == 0, good.stdout
    bad = run("play", "--url", server.url, file(tmp_path, text + step.format(expect="{}")))
    assert bad.returncode == 1
    assert f"fault is {fault}, expected none" in bad.stdout


def test_a_running_server_is_left_as_it_was(server, tmp_path, session):
    text = "scenario: short\nclock: {mode: frozen}\nrules: [{operation: ebay.*, status: 503}]\nplay:\n"
    text += "  - {call: ebay.findEligibleItems, times: 3, expect: {status: 503}}\n"
    done = run("play", "--url", server.url, "--workspace", "played-here", file(tmp_path, text))
    assert done.returncode == 0, done.stdout
    client = Client(server.url, "played-here", session)
    assert client.admin("GET", "/rules") == {"rules": []}
    assert client.admin("GET", "/clock")["mode"] == "real"
    assert client.admin("GET", "/requests")["meta"]["total"] == 3


def test_records_that_steps_made_can_be_named(tmp_path):
    text = """
scenario: chained
play:
  - {call: covent.createOffer, body: {listing_id: lst_123, individual_id: ind_123, amount: 5, terms: {}, notes: ""}}
  - {call: covent.getOffer, path: "/api/v1/offers/{covent.offers}", expect: {body: {amount: 5}}}
  - {call: covent.getOffer, path: "/api/v1/offers/{covent.nothing}", expect: {status: 404}}
"""
    assert run("play", file(tmp_path, text)).returncode == 0


def test_a_server_with_a_token_is_opened_by_it(tmp_path):
    server = Server("--admin-token", "t0ken")
    text = file(tmp_path, "scenario: short\nplay: [{call: ebay.findEligibleItems, expect: {status: 200}}]\n")
    assert run("play", "--url", server.url, text).returncode == 1
    assert run("play", "--url", server.url, "--admin-token", "t0ken", text).returncode == 0
    assert server.stop() == 0


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["nothing"], 2, "'nothing' is neither a file nor a ready scenario"),
        (["--workspace", "No Name", "opendoor-slow-then-denied"], 2, "not a valid workspace name"),
        (["--url", "http://127.0.0.1:1", "opendoor-slow-then-denied"], 1, "refused"),
    ],
)
def test_what_cannot_be_played_is_told_in_a_line(arguments, code, told):
    done = run("play", *arguments)
    assert (done.returncode, len(done.stderr.splitlines())) == (code, 1)
    assert told in done.stderr


MISTAKES = """scenario: Wrong Name
titel: x
settings:
  progressions:
    opendoor.evaluation: {progression: time, seconds: -5}
    a.b: null
clock: {mode: frozen, now: yesterday}
rules:
  - operation: ebay.nope
    tims: 3
  - {operation: ebay.*, outcome: 12}
  - {operation: "*", probability: 2, match: {body.x: {regex: "(a"}}}
play:
  - {call: ebay.findEligibleItems, expect: {outcome: zz}}
  - {advance: P1Z}
"""


def test_every_mistake_is_told_with_line_and_column(tmp_path):
    path = file(tmp_path, MISTAKES)
    done = run("validate", path)
    assert done.returncode == 1
    places = [line.removeprefix(f"{path}:").partition(": ")[0] for line in done.stdout.splitlines()]
    assert places == [
        "1:11",
        "2:1",
        "5:55",
        "6:10",
        "7:28",
        "9:16",
        "10:5",
        "11:34",
        "12:35",
        "12:62",
        "14:54",
        "15:15",
    ]


def test_what_is_too_long_is_told_in_short(tmp_path):
    text = f"scenario: x\ntitle: {'x' * 1001}\nrules: [{', '.join(['{operation: ebay.*}'] * 201)}]\n"
    told = run("validate", file(tmp_path, text)).stdout
    assert "2:8: title: has more than 1000 characters" in told
    assert "3:8: rules: has more than 200 items" in told


def test_a_frozen_clock_that_nobody_advances_is_warned_of(tmp_path):
    text = SLOW.partition("  - {advance")[0]
    done = run("validate", file(tmp_path, text))
    assert done.returncode == 0
    assert "5:15: warning: clock.mode: the clock is frozen" in done.stdout
    assert run("validate", file(tmp_path, SLOW)).stdout.endswith("scenario.yaml: ok\n")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: &x 1\nb: *x\n", "1:4"),
        ("scenario: !python/name:os.system x\n", "1:11"),
        ("scenario: x\n" + "# filler\n" * 1_200_000, "1:1"),
        ("scenario: x\nscenario: y\n", "2:1"),
        ("", "1:1"),
        ("- a list\n", "1:1"),
    ],
    ids=["alias", "tag", "10 MiB", "twice", "empty", "list"],
)
def test_a_text_that_is_no_scenario_is_refused(tmp_path, text, place):
    path = file(tmp_path, text)
    done = run("validate", path)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{path}:{place}: ")


def test_several_files_are_checked_at_once_and_a_missing_one_is_a_misuse(tmp_path):
    good, bad = file(tmp_path, SLOW, "good.yaml"), file(tmp_path, "x: 1\n", "bad.json")
    done = run("validate", good, bad)
    assert done.returncode == 1
    assert f"{good}: ok" in done.stdout
    assert run("validate", str(tmp_path / "none.yaml")).returncode == 2


WRITTEN = """scenario: written
rules:
  - operation: covent.listListings
    match: {query.postal: 02134, query.page: {one_of: [01, 1.50, 1e3]}, header.x-flag: True, query.size: {not: 0x10}}
    status: 503
  - operation: ebay.sendOfferToInterestedBuyers
    match:
      body.offeredItems.0.price.value: 90.00
      body.offeredItems.*.listingId: {one_of: [110000000001]}
      body.offeredItems.0.quantity: 2
      body.offeredItems.0.discountPercentage: {lt: 5}
      body.unknown: 7
    outcome: "150022"
"""


def test_numbers_where_texts_are_compared_stay_as_they_were_written(client: Client, tmp_path):
    answer = client.call(
        "PUT", "/__admin/scenarios/written", data=WRITTEN, headers={"Content-Type": "application/yaml"}
    )
    assert answer.status_code == 201, answer.text
    client.admin("POST", "/scenarios/written/start")
    rule = client.admin("GET", "/rules")["rules"][-1]
    assert rule["match"] == {
        "query.postal": "02134",
        "query.page": {"one_of": ["01", "1.50", "1e3"]},
        "header.x-flag": "True",
        "query.size": {"not": "0x10"},
    }
    headers = {"Authorization": "Bearer sbx_test", "X-Flag": "True"}
    asked = {"postal": "02134", "page": "01", "size": "16"}
    assert outcome(client.call("GET", "/api/v1/listings", params=asked, headers=headers)) == "unavailable"
    other = {**asked, "postal": "2134"}
    assert outcome(client.call("GET", "/api/v1/listings", params=other, headers=headers)) != "unavailable"


def test_a_number_that_is_never_equal_to_a_text_is_warned_of(tmp_path):
    """Where the documentation has a number, or nothing at all, it may well be equal."""
    path = file(tmp_path, WRITTEN)
    done = run("validate", path)
    assert done.returncode == 0
    told = [line.removeprefix(f"{path}:") for line in done.stdout.splitlines() if "warning" in line]
    assert [line.partition(": ")[0] for line in told] == ["8:40", "9:38"]
    assert all("put it in quotes" in line for line in told)

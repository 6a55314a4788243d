"""`offer-sandbox coverage`: the report of a running server, and its gap beside a recording from production."""

import json

import pytest
import requests

from running_server import Server, run
from stub_server import StandIn

CALLED = "sibi.getOffer"
EBAY_ENDED = {"errors": [{"errorId": 150011, "domain": "API_NEGOTIATION", "message": "The listing has ended."}]}


@pytest.fixture(scope="module")
def called() -> Server:
    """A server of which a client has met two outcomes."""
    server = Server()
    for id in ("offer-123", "nope"):
        requests.get(f"{server.url}/sibi/offers/{id}", headers={"Authorization": "Bearer sbx_demo"}, timeout=30)
    yield server
    assert server.stop() == 0


def archive(*responses: tuple[str, str, int, object]) -> str:
    """A HAR file of these responses: method, URL, status, body."""
    entries = [
        {
            "request": {
                "method": method,
                "url": url,
                "headers": [{"name": "X-Private", "value": "hidden-header"}],
            },
            "response": {"status": status, "content": {"text": "" if body is None else json.dumps(body)}},
        }
        for method, url, status, body in responses
    ]
    return json.dumps({"log": {"version": "1.2", "entries": entries}})


def test_the_table_has_both_numbers_and_each_outcome_that_is_not_covered(called):
    ended = run("coverage", called.url)
    assert ended.returncode == 0, ended.stderr
    first, operation, *missing = ended.stdout.splitlines()
    assert first == "outcome coverage: 2 of 9 outcomes (22.2 %) of the operation that was called"
    assert operation.split() == [CALLED, "2", "of", "9"]
    assert len(missing) == 7
    assert "    not covered: expired (200), An offer whose status is expired" in missing


def test_json_is_the_document_of_the_control_api(called):
    ended = run("coverage", called.url, "--format", "json", "--kinds", "infrastructure")
    answer = requests.get(f"{called.url}/__admin/coverage?kinds=infrastructure", timeout=30)
    assert json.loads(ended.stdout) == answer.json()


def test_markdown_is_two_tables(called):
    printed = run("coverage", called.url, "--format", "markdown").stdout
    assert f"| `{CALLED}` | 2 | 9 | 22.2 % |" in printed
    assert f"| `{CALLED}.expired` | 200 | An offer whose status is expired |" in printed
    assert "offer_not_found" not in printed


@pytest.mark.parametrize(
    ("minimum", "code", "told"),
    [
        ("22.2", 0, ""),
        ("22.3", 1, "22.2 % of the outcomes are covered, and at least 22.3 % are required"),
        ("101", 2, "'101' is not a percentage from 0 to 100"),
        ("-1", 2, "'-1' is not a percentage from 0 to 100"),
        ("nan", 2, "'nan' is not a percentage"),
        ("many", 2, "'many' is not a percentage"),
    ],
)
def test_fail_under_decides_the_exit_code(called, minimum, code, told):
    ended = run("coverage", called.url, f"--fail-under={minimum}")
    assert ended.returncode == code
    assert told in ended.stderr
    assert ended.stdout or code == 2


def test_without_any_call_nothing_is_covered():
    server = Server()
    try:
        ended = run("coverage", server.url, "--fail-under", "1")
        assert ended.stdout == "outcome coverage: no operation was called\n"
        assert ended.returncode == 1
    finally:
        server.stop()


def test_an_archive_is_compared_with_the_served_outcomes(called, tmp_path):
    file = tmp_path / "production.har"
    not_found = requests.get(
        f"{called.url}/sibi/offers/none", headers={"Authorization": "Bearer sbx_demo"}, timeout=30
    ).json()
    file.write_text(
        archive(
            ("GET", "https://api.sibipro.com/offers/one", 404, not_found),
            ("POST", "https://api.ebay.com/sell/negotiation/v1/send_offer_to_interested_buyers", 409, EBAY_ENDED),
            ("POST", "https://api.ebay.com/sell/negotiation/v1/send_offer_to_interested_buyers", 409, EBAY_ENDED),
            ("GET", "https://metrics.example/pixel.gif", 204, None),
            ("GET", "https://other.example/api", 404, {"error": "not found"}),
        )
    )
    ended = run("coverage", called.url, "--against", str(file))
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines() == [
        "production.har: 3 responses",
        "the tests cover 1 of 2 outcomes in the recording",
        "not covered: ebay.sendOfferToInterestedBuyers.150011 (409), 2 times",
        "    scenario: ebay-denied",
        '    in a test: offer_sandbox.rules.add("ebay.sendOfferToInterestedBuyers", outcome="150011", times=1)',
        "covered: sibi.getOffer.offer_not_found (404), once",
    ]
    document = json.loads(run("coverage", called.url, "--against", str(file), "--format", "json").stdout)
    assert [(each["id"], each["served"]) for each in document["outcomes"]] == [
        ("ebay.sendOfferToInterestedBuyers.150011", False),
        ("sibi.getOffer.offer_not_found", True),
    ]
    assert document["outcomes"][0]["rule"] == {
        "operation": "ebay.sendOfferToInterestedBuyers",
        "outcome": "150011",
        "times": 1,
    }
    table = run("coverage", called.url, "--against", str(file), "--format", "markdown").stdout
    assert "| `ebay.sendOfferToInterestedBuyers.150011` | 409 | 2 | no | `offer_sandbox.rules.add(" in table
    assert run("coverage", called.url, "--against", str(file), "--fail-under", "50.1").returncode == 1


def test_the_line_and_the_scenario_add_the_outcome(called, tmp_path):
    """Both are carried out, and the gap is gone."""
    (tmp_path / "p.har").write_text(archive(("GET", "https://api.sibipro.com/offers/x", 503, {"message": "no"})))
    server = Server()
    try:
        asked = ("coverage", server.url, "--against", str(tmp_path / "p.har"), "--format", "json")
        (missing,) = json.loads(run(*asked).stdout)["outcomes"]
        requests.post(f"{server.url}/__admin/rules", json=missing["rule"], timeout=30).raise_for_status()
        own = {"Authorization": "Bearer sbx_default"}
        assert requests.get(f"{server.url}/sibi/offers/x", headers=own, timeout=30).status_code == 503
        (found,) = json.loads(run(*asked).stdout)["outcomes"]
        assert (missing["served"], found["served"], found["id"]) == (False, True, missing["id"])
    finally:
        server.stop()


def test_lines_of_a_log_are_read_and_numbers_are_no_responses(called, tmp_path):
    file = tmp_path / "production.log"
    file.write_text(
        "2026-11-30T10:00:00Z INFO started on port 8080 in 204 ms, 404 routes\n"
        f"2026-11-30T10:00:01Z ERROR ebay answered 409: {json.dumps(EBAY_ENDED)}\n"
        '{"level": "error", "path": "/offers/offer-1", "method": "GET", "status": 404, "msg": "gone"}\n'
        '{"level": "info", "msg": "done", "status": 200}\n'
        '10.0.0.1 - - [x] "GET /offers/offer-1 HTTP/1.1" 200 512\n'
        '10.0.0.1 - - [x] "GET /pixel.gif HTTP/1.1" 204 0\n'
    )
    document = json.loads(run("coverage", called.url, "--against", str(file), "--format", "json").stdout)
    assert [(each["id"], each["served"]) for each in document["outcomes"]] == [
        ("ebay.sendOfferToInterestedBuyers.150011", False),
        ("sibi.getOffer.offer_not_found", True),
    ]
    assert (document["responses"], document["unclear"], document["unknown"]) == (3, 1, 0)
    printed = run("coverage", called.url, "--against", str(file)).stdout
    assert "1 response that several outcomes can have, because only the status fits" in printed


def test_nothing_of_the_file_leaves_the_machine(tmp_path):
    (tmp_path / "p.har").write_text(archive(("GET", "https://api.sibipro.com/offers/x", 404, {"message": "no"})))
    with StandIn({}, {"outcomes": [], "operations": [], "served": 0, "total": 0, "percent": 0.0}) as stand_in:
        assert run("coverage", stand_in.url, "--against", str(tmp_path / "p.har")).returncode == 0
    assert [(method, path, body) for method, path, _, body in stand_in.calls] == [
        ("GET", "/__admin/coverage?kinds=infrastructure%2Cdocumented", b"")
    ]
    assert [each.name for each in tmp_path.iterdir()] == ["p.har"]


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        (None, 2, "cannot read"),
        (b"", 2, "has no response of a provider"),
        (b"\xff\xfe\x00{{{[[[", 2, "has no response of a provider"),
        (b'{"log": {"entries": [1, null, {"response": {"status": "x"}}]}}', 2, "has no response of a provider"),
    ],
)
def test_a_useless_recording_is_refused(called, tmp_path, content, code, told):
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    ended = run("coverage", called.url, "--against", str(file))
    assert ended.returncode == code
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr


def test_other_servers_are_refused():
    with StandIn({}, {"hello": 1}) as stand_in:
        ended = run("coverage", stand_in.url)
    assert ended.returncode == 1
    assert "did not return a coverage. Is it a sandbox?" in ended.stderr
    assert run("coverage", "ftp://127.0.0.1").returncode == 2

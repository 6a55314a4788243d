"""`/__admin/scenarios`: upload, start, stop; rules, settings and clock as one."""

import pytest

from running_server import EBAY_FIND, Client, Server, outcome, run

READY = "opendoor-slow-then-denied"
MINE = {
    "scenario": "mine",
    "title": "Mine",
    "settings": {
        "progressions": {"opendoor.evaluation": {"progression": "manual"}},
        "switches": {"sibi.absent": "omit"},
    },
    "clock": {"mode": "frozen", "now": "2026-04-17T19:45:00Z"},
    "rules": [
        {"operation": "ebay.findEligibleItems", "outcome": "unavailable"},
        {"operation": "ebay.findEligibleItems", "outcome": "rate_limited", "times": 1},
    ],
}


def test_from_upload_to_deletion(client: Client):
    answer = client.call("PUT", "/__admin/scenarios/mine", json=MINE)
    assert answer.status_code == 201
    assert answer.json() == {**MINE, "name": "mine", "providers": ["ebay"], "ready": False, "started": False}
    assert client.call("PUT", "/__admin/scenarios/mine", json=MINE).status_code == 200
    listed = {each["name"]: each for each in client.admin("GET", "/scenarios")["scenarios"]}
    assert listed["mine"]["started"] is False
    assert listed[READY]["ready"] is True
    assert client.call("DELETE", "/__admin/scenarios/mine").status_code == 204
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/start"), ("POST", "/stop")):
        assert client.call(method, f"/__admin/scenarios/mine{path}").status_code == 404


def test_it_starts_and_stops_as_one(client: Client):
    client.admin("PUT", "/settings", {"switches": {"sibi.absent": "null"}})
    before = (client.admin("GET", "/settings"), client.admin("GET", "/clock")["mode"])
    own = client.admin("POST", "/rules", {"operation": "ebay.*", "status": 500})
    client.admin("PUT", "/scenarios/mine", MINE)
    assert client.admin("POST", "/scenarios/mine/start")["started"] is True
    settings = client.admin("GET", "/settings")
    assert settings["progressions"]["opendoor.evaluation"]["progression"] == "manual"
    assert settings["switches"]["sibi.absent"] == "omit"
    assert client.admin("GET", "/clock") == {"mode": "frozen", "now": "2026-04-17T19:45:00.000Z"}
    found = [outcome(client.ebay("GET", EBAY_FIND)) for _ in range(2)]
    assert found == ["rate_limited", "unavailable"], "armed in the file's order: the last comes first"
    assert {rule["scenario"] for rule in client.admin("GET", "/rules")["rules"]} == {None, "mine"}
    assert client.admin("POST", "/scenarios/mine/start")["started"] is True
    assert len(client.admin("GET", "/rules")["rules"]) == 3, "started again, it goes on as it is"
    for _ in range(2):
        assert client.admin("POST", "/scenarios/mine/stop")["started"] is False
        assert (client.admin("GET", "/settings"), client.admin("GET", "/clock")["mode"]) == before
        assert [rule["id"] for rule in client.admin("GET", "/rules")["rules"]] == [own["id"]]


def test_one_that_runs_is_not_replaced_and_shares_nothing(client: Client):
    client.admin("PUT", "/scenarios/mine", MINE)
    client.admin("PUT", "/scenarios/also", {**MINE, "scenario": "also", "settings": {}})
    client.admin("PUT", "/scenarios/rules", {"rules": MINE["rules"]})
    client.admin("POST", "/scenarios/mine/start")
    for method, path in (("PUT", "/mine"), ("DELETE", "/mine"), ("POST", "/also/start")):
        body = MINE if method == "PUT" else None
        refused = client.call(method, f"/__admin/scenarios{path}", json=body)
        assert refused.status_code == 409, path
    assert client.admin("POST", "/scenarios/rules/start")["started"] is True
    client.admin("POST", "/scenarios/mine/stop")
    assert client.admin("POST", "/scenarios/also/start")["started"] is True


def test_a_ready_one_can_be_started_but_not_changed(client: Client):
    assert client.admin("GET", f"/scenarios/{READY}")["rules"]
    assert client.call("PUT", f"/__admin/scenarios/{READY}", json={"rules": []}).status_code == 409
    assert client.call("DELETE", f"/__admin/scenarios/{READY}").status_code == 409
    assert client.admin("POST", f"/scenarios/{READY}/start")["started"] is True
    assert client.admin("POST", "/reset", {"scope": ["rules"]})
    assert client.admin("GET", f"/scenarios/{READY}")["started"] is False
    assert client.admin("GET", "/clock")["mode"] == "real", "a reset of the rules stops it whole"


def test_a_reset_keeps_uploaded_scenarios(client: Client):
    client.admin("PUT", "/scenarios/mine", MINE)
    client.admin("POST", "/scenarios/mine/start")
    client.admin("POST", "/reset")
    assert client.admin("GET", "/scenarios/mine")["started"] is False
    assert client.admin("GET", "/rules") == {"rules": []}
    assert client.admin("GET", "/settings")["switches"]["sibi.absent"] == "null"


BAD = [
    ({"scenario": "other"}, "other"),
    ({"scenario": "No Name"}, "scenario"),
    ({"rules": [{"operation": "ebay.nope"}]}, "rules.0.operation"),
    ({"rules": [{"operation": "ebay.*", "times": -1}]}, "rules.0.times"),
    ({"rules": {}}, "rules"),
    ({"settings": {"progressions": {"a.b": None}}}, "settings.progressions.a.b"),
    ({"settings": {"webhooks": {"sibi": {"url": "http://127.0.0.1/"}}}}, "settings.webhooks"),
    ({"clock": {"mode": "backwards"}}, "clock.mode"),
    ({"clock": {"now": "1925-01-01T00:00:00Z"}}, "clock.now"),
    ({"play": [{"call": "ebay.nope"}]}, "play.0.call"),
    ({"play": [{"call": "ebay.*"}]}, "play.0.call"),
    ({"play": [{"advance": "-P1D"}]}, "play.0.advance"),
    ({"play": [{"advance": "P100Y"}]}, "play.0.advance"),
    ({"play": [{"call": "ebay.token", "like": "nope"}]}, "play.0.like"),
    ({"play": [{"call": "ebay.token", "expect": {"outcome": "nope"}}]}, "play.0.expect.outcome"),
    ({"script": "rm"}, "script"),
]


@pytest.mark.parametrize(("body", "told"), BAD, ids=lambda each: str(each))
def test_what_is_no_scenario_is_refused_whole(client: Client, body, told):
    answer = client.call("PUT", "/__admin/scenarios/mine", json=body)
    assert answer.status_code == 422, answer.text
    assert told in answer.text
    assert client.call("GET", "/__admin/scenarios/mine").status_code == 404


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"scenario: mine\nrules:\n  - operation: ebay.nope\n", "3:16"),
        (b"scenario: &a mine\ntitle: *a\n", "1:11"),
        (b"scenario: !!python/object:os.system mine\n", "1:11"),
        (b"scenario: mine\n" + b"# x\n" * 100_000, "1:1"),
        (b"scenario: [", "1:"),
        (b"\xff", "1:1"),
    ],
)
def test_yaml_is_refused_with_line_and_column(client: Client, text, told):
    answer = client.call("PUT", "/__admin/scenarios/mine", data=text, headers={"Content-Type": "application/yaml"})
    assert answer.status_code == 422, answer.text
    first = answer.json()["problems"][0]
    assert f"{first['line']}:{first['column']}".startswith(told)


def test_ten_megabytes_are_refused(client: Client):
    text = b"scenario: mine\n" + b"# x\n" * 2_621_440
    for kind in ("application/yaml", "application/json"):
        answer = client.call("PUT", "/__admin/scenarios/mine", data=text, headers={"Content-Type": kind})
        assert answer.status_code == 413


def test_yaml_can_be_uploaded(client: Client):
    text = "scenario: mine\ntitle: In YAML\nrules:\n  - {operation: ebay.*, status: 503, ttl: PT1M}\n"
    answer = client.call(
        "PUT", "/__admin/scenarios/mine", data=text, headers={"Content-Type": "application/yaml; charset=utf-8"}
    )
    assert answer.status_code == 201
    client.admin("POST", "/scenarios/mine/start")
    assert client.ebay("GET", EBAY_FIND).status_code == 503


def test_yaml_that_is_not_said_to_be_yaml_is_pointed_to_it(client: Client):
    answer = client.call("PUT", "/__admin/scenarios/mine", data="scenario: mine\n")
    assert answer.status_code == 400
    assert "Content-Type: application/yaml" in answer.json()["detail"]


def test_a_snapshot_takes_rules_and_scenarios_along(fresh):
    client, other = fresh(), fresh()
    client.admin("PUT", "/scenarios/mine", MINE)
    client.admin("POST", "/scenarios/mine/start")
    assert outcome(client.ebay("GET", EBAY_FIND)) == "rate_limited"
    saved = client.admin("GET", "/snapshot")
    other.admin("PUT", "/snapshot", saved)
    assert other.admin("GET", "/rules") == client.admin("GET", "/rules")
    assert outcome(other.ebay("GET", EBAY_FIND)) == "unavailable", "the other rule is used up here too"
    other.admin("POST", "/scenarios/mine/stop")
    assert other.admin("GET", "/clock")["mode"] == "real"
    broken = [
        ("rules", 0, ("rule", "operation"), "ebay.nope"),
        ("rules", 0, ("rule", "fault"), "HANG"),
        ("rules", 0, ("matched",), -1),
        ("rules", 0, ("rule",), {"operation": "*"}),
        ("scenarios", 0, ("scenario", "rules"), 5),
        ("scenarios", 0, ("started", "clock", "mode"), "odd"),
        ("scenarios", 0, ("started", "settings"), [["progressions", "nope", 1]]),
        ("scenarios", 0, ("started", "settings"), [[1]]),
        ("scenarios", 0, ("started", "settings"), [["progressions", "opendoor.evaluation", {"seconds": 5}]]),
        ("scenarios", 0, ("started", "clock", "offset"), -(10**14)),
        ("scenarios", 0, ("scenario",), None),
    ]
    for collection, index, path, value in broken:
        document = client.admin("GET", "/snapshot")
        place = document["collections"]["sandbox"][collection][index]
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value
        refused = other.call("PUT", "/__admin/snapshot", json=document)
        assert refused.status_code == 422, (path, value, refused.text)


def test_a_server_can_run_one_from_the_beginning(session, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("scenario: mine\nclock: {mode: frozen}\nrules: [{operation: ebay.*, status: 503}]\n")
    server = Server("--scenario", str(path))
    for name in ("one", "two"):
        client = Client(server.url, name, session)
        assert client.ebay("GET", EBAY_FIND).status_code == 503
        assert client.admin("GET", "/scenarios/mine")["started"] is True
        client.admin("POST", "/reset")
        assert client.ebay("GET", EBAY_FIND).status_code == 503, "it begins anew with the workspace"
        client.admin("POST", "/scenarios/mine/stop")
        assert client.ebay("GET", EBAY_FIND).status_code == 200
    assert server.stop() == 0
    ready = Server("--scenario", READY)
    assert Client(ready.url, "one", session).admin("GET", "/clock")["mode"] == "frozen"
    assert ready.stop() == 0


def test_a_contract_holds_in_workspaces_that_begin_with_a_scenario(session):
    server = Server("--scenario", READY, "--contract", "ebay=1.1.2")
    client = Client(server.url, "both", session)
    for _ in range(2):
        settings = client.admin("GET", "/settings")
        assert settings["contracts"] == {"ebay": "1.1.2"}
        assert settings["progressions"]["opendoor.evaluation"]["seconds"] == 25
        client.admin("POST", "/reset")
    assert server.stop() == 0


def test_a_file_may_not_pass_for_a_ready_scenario(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(f"scenario: {READY}\nrules: [{{operation: ebay.*, status: 503}}]\n")
    for verb in (["serve", "--port", "0", "--scenario"], ["play"]):
        done = run(*verb, str(path))
        assert done.returncode == 2
        assert "another name" in done.stderr


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--scenario", "nothing"], "'nothing' is neither a file nor a ready scenario"),
        (["--clock", "late"], "the clock must be real, frozen"),
        (["--clock", "real@1900-01-01T00:00:00Z"], "1970"),
        (["--contract", "ebay=9"], "contracts.ebay"),
        (["--contract", "sibi=1"], "contracts.sibi"),
        (["--journal-size", "0"], "journal"),
        (["--journal-size", "many"], "journal"),
    ],
)
def test_flags_that_mean_nothing_are_a_misuse(flags, told):
    done = run("serve", "--port", "0", *flags)
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_clock_and_contract_of_every_workspace(session):
    server = Server("--clock", "2026-04-17T19:45:00Z", "--contract", "ebay=1.1.2")
    client = Client(server.url, "any", session)
    assert client.admin("GET", "/clock") == {"mode": "frozen", "now": "2026-04-17T19:45:00.000Z"}
    assert client.admin("GET", "/settings")["contracts"] == {"ebay": "1.1.2"}
    client.admin("PUT", "/settings", {"contracts": {"ebay": "1.1.0"}})
    client.admin("PUT", "/clock", {"mode": "real"})
    client.admin("POST", "/reset", {"scope": ["settings", "clock"]})
    assert client.admin("GET", "/settings")["contracts"] == {"ebay": "1.1.2"}
    assert client.admin("GET", "/clock")["mode"] == "frozen"
    item = {"listingId": "110000000001", "discountPercentage": "10"}
    two_days = {"offeredItems": [item], "offerDuration": {"unit": "DAY", "value": 2}}
    assert outcome(client.send(two_days)) == "150027", "four days by the later contract"
    assert server.stop() == 0
    moved = Server("--clock", "real@2030-01-01T00:00:00Z")
    shown = Client(moved.url, "any", session).admin("GET", "/clock")
    assert (shown["mode"], shown["now"][:4]) == ("real", "2030")
    assert moved.stop() == 0

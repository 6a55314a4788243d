"""`/__admin/rules`: arming, precedence, counters that are exact, effects, what cannot be armed."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from catalog_steps import CALLS, plain
from covent_calls import covent, create
from graphql_calls import OFFERED_ID, UPDATE, UPDATE_VARIABLES
from offer_sandbox.providers import providers
from running_server import EBAY_FIND, Client, Server, outcome

SEND = "ebay.sendOfferToInterestedBuyers"
FIND = "ebay.findEligibleItems"


def arm(client: Client, operation: str, **rule) -> dict:
    """Arms a rule."""
    return client.admin("POST", "/rules", {"operation": operation, **rule})


def counters(client: Client) -> list[tuple[int, int]]:
    """How often each rule matched and fired, newest first."""
    return [(rule["matched"], rule["hits"]) for rule in client.admin("GET", "/rules")["rules"]]


def found(client: Client, times: int = 1) -> list[str]:
    """The outcomes of that many calls of find."""
    return [outcome(client.ebay("GET", EBAY_FIND)) for _ in range(times)]


def test_a_rule_lives_from_arming_to_deletion(client: Client):
    answer = client.call("POST", "/__admin/rules", json={"operation": SEND, "outcome": "150022"})
    assert answer.status_code == 201
    rule = answer.json()
    assert rule == {
        "id": rule["id"],
        "operation": SEND,
        "outcome": "150022",
        "phase": "after",
        "skip": 0,
        "every": 1,
        "probability": 1,
        "matched": 0,
        "hits": 0,
        "scenario": None,
        "expires_at": None,
        "expired": False,
    }
    assert client.admin("GET", f"/rules/{rule['id']}") == rule
    refused = client.send()
    assert refused.status_code == 409
    assert refused.headers["X-Sandbox-Trigger"] == "rule"
    assert refused.headers["X-Sandbox-Reason"] == f"150022 is forced by the rule {rule['id']}"
    replaced = client.admin("PUT", f"/rules/{rule['id']}", {"operation": SEND, "outcome": 150025})
    assert (replaced["outcome"], replaced["hits"]) == ("150025", 0)
    assert outcome(client.send()) == "150025"
    assert client.call("DELETE", f"/__admin/rules/{rule['id']}").status_code == 204
    assert client.send().status_code == 200
    for method in ("GET", "DELETE", "PUT"):
        body = {"operation": SEND, "status": 409} if method == "PUT" else None
        assert client.call(method, f"/__admin/rules/{rule['id']}", json=body).status_code == 404


def test_the_newest_rule_comes_first_and_each_thing_from_the_newest_that_gives_it(client: Client):
    older = arm(client, "ebay.*", outcome="rate_limited", delay={"type": "fixed", "milliseconds": 1})
    newer = arm(client, FIND, outcome="unavailable")
    answer = client.ebay("GET", EBAY_FIND)
    assert outcome(answer) == "unavailable"
    entry = client.admin("GET", f"/requests/{answer.headers['X-Sandbox-Request-Id']}")
    told = {verdict["id"]: (verdict["verdict"], verdict["gave"]) for verdict in entry["rules"]}
    assert told == {newer["id"]: ("fired", ["outcome"]), older["id"]: ("fired", ["delay"])}
    assert entry["delay_ms"] == 1
    assert counters(client) == [(1, 1), (1, 1)]
    assert outcome(client.send()) == "rate_limited", "another operation, which only the older rule means"


def test_a_rule_that_gives_nothing_new_is_overruled_and_does_not_count_as_fired(client: Client):
    arm(client, FIND, outcome="rate_limited", times=1)
    arm(client, FIND, outcome="unavailable", times=1)
    assert found(client, 3) == ["unavailable", "rate_limited", "success"]
    assert counters(client) == [(3, 1), (3, 1)]


def test_skip_every_and_times(client: Client):
    arm(client, FIND, outcome="unavailable", skip=2, every=3, times=2)
    assert [n for n, each in enumerate(found(client, 14), start=1) if each == "unavailable"] == [5, 8]
    assert counters(client) == [(14, 2)]


def test_probability_draws_from_the_workspace_seed(fresh):
    runs = []
    for _ in range(2):
        client = fresh()
        arm(client, FIND, outcome="unavailable", probability=0.5)
        runs.append(found(client, 24))
    assert runs[0] == runs[1], "the same calls in a fresh workspace meet the same fate"
    assert 4 < runs[0].count("unavailable") < 20
    client = fresh()
    arm(client, FIND, outcome="unavailable", probability=0)
    assert found(client, 5) == ["success"] * 5


def test_a_time_to_live_is_the_workspace_clock_s(client: Client):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    rule = arm(client, FIND, outcome="unavailable", ttl="PT10M")
    assert rule["expires_at"] == "2026-04-17T19:55:00.000Z"
    client.admin("POST", "/clock/advance", {"by": "PT9M59S"})
    assert found(client) == ["unavailable"]
    client.admin("POST", "/clock/advance", {"by": "PT1S"})
    assert found(client) == ["success"]
    assert client.admin("GET", f"/rules/{rule['id']}")["expired"] is True
    assert counters(client) == [(1, 1)]


@pytest.mark.parametrize("parallel", [2, 8])
def test_counters_are_exact_under_concurrency(client: Client, parallel):
    """Forty calls from several connections at once: exactly five fire, every one is counted."""
    arm(client, FIND, outcome="unavailable", times=5)

    def call(_: int) -> str:
        with requests.Session() as session:
            return outcome(Client(client.url, client.workspace, session).ebay("GET", EBAY_FIND))

    with ThreadPoolExecutor(parallel) as pool:
        seen = list(pool.map(call, range(40)))
    assert seen.count("unavailable") == 5
    assert counters(client) == [(40, 5)]


def test_a_forced_request_neither_uses_nor_counts_rules(client: Client):
    arm(client, FIND, outcome="unavailable", times=1)
    forced = client.ebay("GET", EBAY_FIND, headers={"X-Sandbox-Outcome": "no_content"})
    assert forced.headers["X-Sandbox-Trigger"] == "header"
    for how in ({"headers": {"Prefer": "code=500"}}, {"params": {"__outcome": "150003"}}):
        assert client.ebay("GET", EBAY_FIND, **how).headers["X-Sandbox-Trigger"] == "header"
    assert counters(client) == [(0, 0)]
    assert found(client, 2) == ["unavailable", "success"]


def test_a_rule_comes_before_magic_and_after_authentication(client: Client):
    arm(client, SEND, outcome="150022")
    magic = {"offeredItems": [{"listingId": "110000150011", "discountPercentage": "10"}]}
    assert outcome(client.send(magic)) == "150022"
    assert outcome(client.send(headers={"Authorization": "Bearer sbx_a.unavailable"})) == "unavailable"
    assert client.send(headers={"Authorization": None}).status_code == 400
    arm(client, SEND, outcome="rate_limited")
    assert outcome(client.send(headers={"Authorization": None})) == "rate_limited", "infrastructure is before it"


def test_what_rules_match_is_the_request(client: Client):
    arm(
        client,
        SEND,
        match={
            "body.offeredItems.*.listingId": "110000000002",
            "header.x-ebay-c-marketplace-id": {"regex": "^EBAY_"},
        },
        outcome="150022",
    )
    assert outcome(client.send()) == "success"
    assert outcome(client.send(item={"listingId": "110000000002"})) == "150022"
    assert counters(client) == [(1, 1)], "calls that do not match are not counted"


def test_a_body_that_cannot_be_read_matches_nothing_and_is_refused_as_ever(client: Client):
    arm(client, SEND, match={"body.offeredItems": {"present": True}}, outcome="150022")
    answer = client.ebay("POST", "/sell/negotiation/v1/send_offer_to_interested_buyers", data="{not json")
    assert answer.status_code == 400
    assert counters(client) == [(0, 0)]


def test_graphql_arguments_match_with_literals_and_variables_alike(client: Client):
    state = {"args.params.address.state": "CA", "operationName": {"absent": True}}
    arm(client, "opendoor.offerRequestCreate", match=state, outcome="rate_limited")
    literal = (
        'mutation { offerRequestCreate(params: {address: {street1: "1 A St", city: "B", state: "CA",'
        ' postalCode: "94104"}}) { offerRequest { offerStatus } } }'
    )
    by_variable = (
        "mutation($params: OfferRequestCreateInput!) { offerRequestCreate(params: $params)"
        " { offerRequest { offerStatus } } }"
    )
    address = {"street1": "1 A St", "city": "B", "state": "CA", "postalCode": "94104"}
    assert outcome(client.graphql(literal)) == "rate_limited"
    assert outcome(client.graphql(by_variable, {"params": {"address": address}})) == "rate_limited"
    elsewhere = {"params": {"address": {**address, "state": "TX"}}}
    assert outcome(client.graphql(by_variable, elsewhere)) == "PENDING"
    arm(client, "opendoor.*", match={"variables.params.address.city": "B", "operationName": "Make"}, status=503)
    named = by_variable.replace("mutation(", "mutation Make(")
    assert client.graphql(named, elsewhere).status_code == 503


@pytest.mark.parametrize(("provider", "operation"), CALLS, ids=lambda each: each.name)
@pytest.mark.parametrize("status", [400, 418, 500, 599])
def test_a_status_is_that_outcome_or_one_of_its_own(client: Client, provider, operation, status):
    """In the provider's dialect either way."""
    name = f"{provider.name}.{operation.name}"
    arm(client, name, status=status)
    declared = [o for (owner, _), o in provider.outcomes.items() if owner == operation.name and o.status == status]
    steps = plain(provider.name, operation.name)["steps"]
    for step in steps:
        body = {"data": step["body"]} if isinstance(step["body"], str) else {"json": step["body"]}
        answer = client.call(step["method"], step["path"], headers=step["headers"], **body)
    assert answer.status_code == status
    assert outcome(answer) == (declared[0].name if declared else f"status_{status}")
    assert answer.headers["X-Sandbox-Trigger"] == "rule"
    assert answer.json() or answer.json() == {}
    if not declared:
        from offer_sandbox.schemas.validator import validator_for

        schemas = [schema for schema in (operation.error, provider.parts.dialect.error) if schema is not None]
        assert any(not validator_for(schema).issues(answer.json()) for schema in schemas), answer.text


def test_a_fate_happens_to_the_record(client: Client):
    """An outcome below 400 is the record's own: later reads agree."""
    arm(client, "covent.createOffer", outcome="success", times=1)
    answer = create(client)
    assert (outcome(answer), answer.headers["X-Sandbox-Trigger"]) == ("success", "rule")
    invalid = covent(client, "POST", "/offers", {})
    assert (outcome(invalid), invalid.headers["X-Sandbox-Trigger"]) == ("validation_error", "natural")


def test_records_are_added_and_merged_once_the_call_is_made(client: Client):
    listing = client.state("ebay/listings")[0]
    arm(
        client,
        FIND,
        times=1,
        state={
            "ebay.listings": [{"listingId": listing["listingId"], "quantity": 3}, {**listing, "listingId": "7"}]
        },
    )
    answer = client.ebay("GET", EBAY_FIND)
    assert "7" not in [item["listingId"] for item in answer.json()["eligibleItems"]], "the call saw the old world"
    stored = {each["listingId"]: each for each in client.state("ebay/listings")}
    assert stored[listing["listingId"]] == {**listing, "quantity": 3}
    assert stored["7"] == {**listing, "listingId": "7"}
    entry = client.admin("GET", f"/requests/{answer.headers['X-Sandbox-Request-Id']}")
    assert {change["id"] for change in entry["changes"]} == {listing["listingId"], "7"}


def test_a_change_in_another_provider_s_world_is_told_too(client: Client):
    arm(client, FIND, state={"covent.listings": [{"id": "lst_123", "status": "draft"}]})
    answer = client.ebay("GET", EBAY_FIND)
    entry = client.admin("GET", f"/requests/{answer.headers['X-Sandbox-Request-Id']}")
    (change,) = entry["changes"]
    assert (change["provider"], change["id"]) == ("covent", "lst_123")
    assert entry["explanation"]["state"][0]["after"] == {"status": "draft"}


@pytest.mark.parametrize(
    "call",
    [
        {"headers": {"Authorization": None}},
        {"body": {}},
        {"body": {"offeredItems": [{"listingId": "110000150011", "discountPercentage": "10"}]}, "magic": True},
    ],
    ids=["401", "400", "magic"],
)
def test_a_call_refused_for_itself_uses_no_outcome_up_and_changes_nothing(client: Client, call):
    """The rule had nothing to give: the next call that is in order meets it."""
    draft = {"covent.listings": [{"id": "lst_123", "status": "draft"}]}
    if call.get("magic"):
        arm(client, SEND, state=draft, times=1)
    else:
        arm(client, SEND, outcome="150022", state=draft, times=1)
    refused = client.send(call.get("body"), headers=call.get("headers", {}))
    assert refused.status_code in (400, 401, 409)
    if refused.headers["X-Sandbox-Trigger"] == "rule":
        assert call.get("body") == {}, "an error that is asked for is answered whatever the body is"
        return
    assert client.admin("GET", "/state/covent/listings/lst_123")["status"] == "active"
    assert counters(client) == [(1, 0)]
    entry = client.admin("GET", f"/requests/{refused.headers['X-Sandbox-Request-Id']}")
    assert [verdict["verdict"] for verdict in entry["rules"]] == ["refused before"]
    assert client.send().status_code in (200, 409)
    assert counters(client) == [(2, 1)]
    assert client.admin("GET", "/state/covent/listings/lst_123")["status"] == "draft"


def test_a_fate_that_a_refused_call_did_not_take_waits_for_the_next(client: Client):
    arm(client, "covent.createOffer", outcome="success", times=1)
    assert create(client, amount=-1).headers["X-Sandbox-Trigger"] == "natural"
    assert create(client).headers["X-Sandbox-Trigger"] == "rule"
    assert counters(client) == [(2, 1)]


def test_a_connection_that_fails_before_the_call_uses_no_other_rule_up(client: Client):
    arm(client, FIND, outcome="unavailable", times=1)
    arm(client, FIND, fault="EMPTY_RESPONSE", phase="before", times=1)
    with pytest.raises(requests.ConnectionError):
        client.ebay("GET", EBAY_FIND)
    assert counters(client) == [(1, 1), (1, 0)]
    assert found(client, 2) == ["unavailable", "success"]


def test_an_outcome_that_comes_too_late_is_not_used_up(client: Client):
    """What is offered already cannot be denied any more: the rule waits for the next home."""
    update = {**UPDATE_VARIABLES["offerRequestUpdateInput"], "opendoorOfferRequestId": OFFERED_ID}
    arm(client, "opendoor.offerRequestUpdate", outcome="FOUNDATION", times=1)
    late = client.graphql(UPDATE, {"offerRequestUpdateInput": update})
    assert late.headers["X-Sandbox-Trigger"] == "natural"
    assert counters(client) == [(1, 0)]


def test_a_hit_is_taken_back_from_the_very_rule_only(client: Client):
    """One that was replaced meanwhile under the same id keeps its own."""
    rule = arm(client, FIND, outcome="no_content", times=1)
    arm(client, FIND, delay={"type": "fixed", "milliseconds": 1_500}, phase="before", times=1)
    with ThreadPoolExecutor(1) as pool:
        other = Client(client.url, client.workspace, requests.Session())
        refused = pool.submit(other.ebay, "GET", f"{EBAY_FIND}?limit=x")
        end = time.monotonic() + 20
        while counters(client)[0] == (0, 0):
            assert time.monotonic() < end
        client.admin("PUT", f"/rules/{rule['id']}", {"operation": FIND, "outcome": "no_content", "times": 1})
        assert found(client) == ["no_content"]
        assert refused.result(timeout=20).status_code == 400
    assert found(client) == ["success"]


def test_a_snapshot_s_rule_without_a_bound_is_one_that_always_fires(fresh):
    client, other = fresh(), fresh()
    arm(client, FIND, outcome="unavailable", times=1)
    document = client.admin("GET", "/snapshot")
    document["collections"]["sandbox"]["rules"][0]["rule"]["times"] = None
    other.admin("PUT", "/snapshot", document)
    assert found(other, 3) == ["unavailable"] * 3


@pytest.mark.parametrize(
    ("collection", "record"),
    [
        ("ebay.listings", {"listingId": "110000000001", "price": {"value": "NaN", "currency": "USD"}}),
        ("ebay.listings", {"listingId": "110000000001", "price": {"value": "1e999999", "currency": "USD"}}),
    ],
)
def test_a_record_that_cannot_be_reckoned_with_is_not_armed(client: Client, collection, record):
    answer = client.call("POST", "/__admin/rules", json={"operation": FIND, "state": {collection: [record]}})
    assert answer.status_code == 422


def test_a_delay_is_given_to_a_refused_call_too(client: Client):
    arm(client, SEND, outcome="150022", delay={"type": "fixed", "milliseconds": 1}, times=1)
    client.send(headers={"Authorization": None})
    assert counters(client) == [(1, 1)]


def test_a_record_that_the_store_cannot_keep_is_not_armed(client: Client):
    (offer,) = [each for each in client.state("estateprime/offers") if each["id"] == 54]
    huge = {**offer, "id": 9001, "listing": {**offer["listing"], "listing_id": 10**25}}
    answer = client.call(
        "POST", "/__admin/rules", json={"operation": "*", "state": {"estateprime.offers": [huge]}}
    )
    assert answer.status_code == 422


def test_time_that_passed_before_a_postponed_call_is_told_with_it(client: Client):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    client.send()
    arm(client, FIND, delay={"type": "fixed", "milliseconds": 1}, phase="before")
    client.admin("PUT", "/clock", {"mode": "real", "now": "2026-04-19T19:44:59.900Z"})
    assert client.call("GET", "/__admin/requests/wait?count=99&timeout=0.2").status_code == 408
    answer = client.ebay("GET", EBAY_FIND)
    entry = client.admin("GET", f"/requests/{answer.headers['X-Sandbox-Request-Id']}")
    assert [event["to"] for event in entry["events"]] == ["EXPIRED"] * 3


def test_a_record_that_would_be_incomplete_is_not_brought(client: Client):
    arm(client, FIND, state={"ebay.listings": [{"listingId": "8", "quantity": 3}]})
    answer = client.ebay("GET", EBAY_FIND)
    assert answer.status_code == 200
    entry = client.admin("GET", f"/requests/{answer.headers['X-Sandbox-Request-Id']}")
    assert "could not add the record 8 to ebay.listings" in str(entry["notes"])
    assert client.call("GET", "/__admin/state/ebay/listings/8").status_code == 404


def test_rules_are_a_workspace_s_own(fresh):
    one, other = fresh(), fresh()
    arm(one, "*", status=503)
    assert found(one) == ["unavailable"]
    assert found(other) == ["success"]
    assert other.admin("GET", "/rules") == {"rules": []}


def test_the_magic_ones_are_shown_on_request(client: Client):
    rules = client.admin("GET", "/rules?builtin=true")["rules"]
    assert {
        "id": f"builtin:{SEND}.150011",
        "builtin": True,
        "operation": SEND,
        "match": {"body.offeredItems.0.listingId": "110000150011"},
        "outcome": "150011",
    } in rules
    magic = [o for provider in providers().values() for o in provider.parts.outcomes if o.magic]
    assert len(rules) == len(magic)
    assert client.call("GET", "/__admin/rules?builtin=maybe").status_code == 422


BAD = [
    ({}, "operation"),
    ({"operation": "ebay"}, "operation"),
    ({"operation": "ebay.nothing"}, "operation"),
    ({"operation": "nobody.*"}, "operation"),
    ({"operation": 5}, "operation"),
    ({"operation": "ebay.unmatched"}, "operation"),
    ({"operation": FIND, "outcome": "150022"}, "outcome"),
    ({"operation": FIND, "outcome": f"{SEND}.150022"}, "outcome"),
    ({"operation": "*", "outcome": "150022"}, "outcome"),
    ({"operation": FIND, "outcome": "no_content", "status": 500}, ""),
    ({"operation": FIND, "status": 200}, "status"),
    ({"operation": FIND, "status": 600}, "status"),
    ({"operation": FIND, "status": "500"}, "status"),
    ({"operation": FIND, "fault": "BOOM"}, "fault"),
    ({"operation": FIND, "fault": {"type": "HANG", "milliseconds": 5}}, "fault.type"),
    ({"operation": FIND, "fault": {"type": "DRIBBLE", "milliseconds": 600_001}}, "fault.milliseconds"),
    ({"operation": FIND, "delay": {"type": "fixed"}}, "delay.milliseconds"),
    ({"operation": FIND, "delay": {"type": "fixed", "milliseconds": -1}}, "delay.milliseconds"),
    ({"operation": FIND, "delay": {"type": "fixed", "milliseconds": 600_001}}, "delay.milliseconds"),
    ({"operation": FIND, "delay": {"type": "uniform", "lower": 2, "upper": 1}}, "delay"),
    ({"operation": FIND, "delay": {"type": "gamma"}}, "delay.type"),
    ({"operation": FIND, "delay": 100}, "delay"),
    ({"operation": FIND, "skip": -1}, "skip"),
    ({"operation": FIND, "times": 0}, "times"),
    ({"operation": FIND, "every": 0}, "every"),
    ({"operation": FIND, "every": 1.5}, "every"),
    ({"operation": FIND, "probability": 2}, "probability"),
    ({"operation": FIND, "probability": -0.1}, "probability"),
    ({"operation": FIND, "ttl": "ten minutes"}, "ttl"),
    ({"operation": FIND, "ttl": "-PT1S"}, "ttl"),
    ({"operation": FIND, "ttl": "PT0S"}, "ttl"),
    ({"operation": FIND, "ttl": "P100Y"}, "ttl"),
    ({"operation": FIND, "phase": "during"}, "phase"),
    ({"operation": FIND, "match": {"boby.x": 1}}, "match"),
    ({"operation": FIND, "match": {"body": 1}}, "match"),
    ({"operation": FIND, "match": {"body.": 1}}, "match"),
    ({"operation": FIND, "match": {"body.a..b": 1}}, "match.body.a..b"),
    ({"operation": FIND, "match": {"body.x": {"regex": r"(a)\1"}}}, "match.body.x.regex"),
    ({"operation": FIND, "match": {"body.x": {"regex": "(?=a)"}}}, "match.body.x.regex"),
    ({"operation": FIND, "match": {"body.x": {"like": "a"}}}, "match.body.x.like"),
    ({"operation": FIND, "match": {"body.x": {}}}, "match.body.x"),
    ({"operation": FIND, "match": {"body.x": {"gt": "1"}}}, "match.body.x.gt"),
    ({"operation": FIND, "mutate": ["spoil"]}, "mutate.0"),
    ({"operation": FIND, "mutate": []}, "mutate"),
    ({"operation": FIND, "state": {"ebay.nothing": []}}, "state.ebay.nothing"),
    ({"operation": FIND, "state": {"ebay.tokens": []}}, "state.ebay.tokens"),
    ({"operation": FIND, "state": {"ebay.listings": [{"quantity": 1}]}}, "state.ebay.listings.0"),
    (
        {"operation": FIND, "state": {"ebay.listings": [{"listingId": "1", "quantity": "x"}]}},
        "state.ebay.listings.0.quantity",
    ),
    ({"operation": FIND, "outcom": "no_content"}, "outcom"),
    ({"operation": FIND, "script": "1+1"}, "script"),
]


@pytest.mark.parametrize(("rule", "field"), BAD, ids=lambda each: str(each).replace(FIND, ""))
def test_what_cannot_be_armed_is_refused_and_changes_nothing(client: Client, rule, field):
    armed = arm(client, FIND, outcome="no_content")
    for method, path in (("POST", "/__admin/rules"), ("PUT", f"/__admin/rules/{armed['id']}")):
        answer = client.call(method, path, json=rule)
        assert answer.status_code == 422, answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert field in [problem["field"] for problem in answer.json()["problems"]], answer.text
    assert client.admin("GET", "/rules")["rules"] == [armed]


def test_an_unknown_word_tells_the_known_ones(client: Client):
    answer = client.call("POST", "/__admin/rules", json={"operation": FIND, "outcome": "nope"}).json()
    assert "no_content" in answer["known"]
    answer = client.call("POST", "/__admin/rules", json={"operation": "ebay.nope", "status": 503}).json()
    assert SEND in answer["known"]
    answer = client.call("POST", "/__admin/rules", json={"operation": FIND, "fault": "X"}).json()
    assert "HANG" in answer["known"]


def test_there_is_a_bound_to_their_number(client: Client):
    for _ in range(1000):
        arm(client, FIND, outcome="no_content", times=1)
    client.admin("PUT", "/scenarios/more", {"rules": [{"operation": FIND, "status": 503}]})
    assert client.call("POST", "/__admin/scenarios/more/start").status_code == 409
    found(client)
    (entry,) = client.admin("GET", "/requests")["requests"]
    assert len(entry["rules"]) == 31, "one that fired, and thirty of those that did not"
    assert "969 more rules did not fire" in entry["notes"]
    refused = client.call("POST", "/__admin/rules", json={"operation": FIND, "status": 503})
    assert refused.status_code == 409
    assert client.call("DELETE", "/__admin/rules").status_code == 204
    assert found(client) == ["success"]


def test_there_is_a_bound_to_what_they_store(client: Client):
    large = {"operation": FIND, "status": 503, "match": {"body.x": {"one_of": ["y" * 900_000]}}}
    ids = [client.admin("POST", "/rules", large)["id"] for _ in range(4)]
    refused = client.call("POST", "/__admin/rules", json=large)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:offer-sandbox:problem:too-many-rules")
    client.admin("POST", "/rules", {**large, "match": {"body.x": {"one_of": ["y" * 500_000]}}})
    larger = {**large, "match": {"body.x": {"one_of": ["y" * 1_000_000, "z" * 40_000]}}}
    assert client.call("PUT", f"/__admin/rules/{ids[0]}", json=larger).status_code == 409
    many = [{"operation": FIND, "status": 503, "match": {"body.x": "y" * 900}} for _ in range(20)]
    for _ in range(4):
        client.admin("POST", "/rules", {**large, "match": {"body.x": {"one_of": ["y" * 18_000]}}})
    client.admin("PUT", "/scenarios/more", {"rules": many})
    before = client.admin("GET", "/rules")
    assert client.call("POST", "/__admin/scenarios/more/start").status_code == 409
    assert client.admin("GET", "/rules") == before
    document = client.admin("GET", "/snapshot")
    rules = document["collections"]["sandbox"]["rules"]
    document["collections"]["sandbox"]["rules"] = [{**rules[0], "id": f"r{index}"} for index in range(5)]
    refused = client.call("PUT", "/__admin/snapshot", json=document)
    assert refused.json()["detail"] == "collections.sandbox.rules: the rules have more than 4 MiB"


def test_a_rule_stores_about_what_it_costs(client: Client):
    conditions = {f"body.x{index}": {"one_of": "NUMBERS"} for index in range(100)}
    text = json.dumps({"operation": FIND, "outcome": "unavailable", "match": conditions})
    text = text.replace('"NUMBERS"', f"[{','.join(['1e399'] * 1_000)}]")
    rule = client.call("POST", "/__admin/rules", data=text)
    assert rule.status_code == 201
    assert len(rule.content) < 3 * len(text)
    assert len(client.call("GET", "/__admin/rules").content) < 3 * len(text)


def test_rules_and_their_counters_are_kept_with_the_state(tmp_path, session):
    server = Server("--data", str(tmp_path))
    client = Client(server.url, "kept", session)
    arm(client, FIND, outcome="unavailable", times=2)
    assert found(client) == ["unavailable"]
    server.kill()
    server = Server("--data", str(tmp_path))
    client = Client(server.url, "kept", session)
    assert counters(client) == [(1, 1)]
    assert found(client, 2) == ["unavailable", "success"]
    assert server.stop() == 0


def test_every_listing_but_one_is_refused(client: Client):
    arm(client, SEND, outcome="150022", match={"body.offeredItems.0.listingId": {"not": "110000000001"}})
    assert outcome(client.send()) == "success"
    assert outcome(client.send(item={"listingId": "110000000002"})) == "150022"
    negated = {"match": {"body.offeredItems.*.listingId": {"not": {"regex": "1$"}}}}
    assert client.admin("POST", "/requests/count", negated) == {"count": 1}
    for wrong in ({"not": {"not": 1}}, {"not": {}}, {"not": {"regex": "(a)\\1"}}):
        body = {"operation": SEND, "outcome": "150022", "match": {"body.message": wrong}}
        assert client.call("POST", "/__admin/rules", json=body).status_code == 422, wrong


@pytest.mark.parametrize("rule", [{}, {"match": {"path.id": "x"}, "times": 1}])
def test_a_rule_that_does_nothing_is_not_armed(client: Client, rule: dict):
    """Somebody has forgotten what it was to do."""
    refused = client.call("POST", "/__admin/rules", json={"operation": FIND, **rule})
    assert (refused.status_code, "outcome" in refused.json()["known"]) == (422, True)
    assert "the rule has no effect" in refused.json()["detail"]
    scenario = {"scenario": "idle", "rules": [{"operation": FIND, **rule}]}
    assert client.call("PUT", "/__admin/scenarios/idle", json=scenario).status_code == 422
    assert counters(client) == []


def test_a_snapshot_with_such_a_rule_is_loaded_all_the_same(client: Client):
    """It may be of a time when they could be armed."""
    arm(client, FIND, outcome="no_content")
    document = client.admin("GET", "/snapshot")
    del document["collections"]["sandbox"]["rules"][0]["rule"]["outcome"]
    client.admin("PUT", "/snapshot", document)
    assert found(client) == ["success"]

"""Covent: an offer's life after its creation: change, acceptance, rejection, expiry, decision."""

import pytest

from covent_calls import covent, create, faults, read
from offer_sandbox.providers.covent import samples
from running_server import Client, outcome

FINAL = ("off_accepted", "off_rejected", "off_expired")
ACTIONS = {
    "update": ("PATCH", "/offers/{}", samples.UPDATE_OFFER),
    "accept": ("POST", "/offers/{}/accept", samples.ACCEPT_OFFER),
    "reject": ("POST", "/offers/{}/reject", samples.REJECT_OFFER),
}
NOON = {"mode": "frozen", "now": "2026-04-17T19:45:00Z"}


def act(client: Client, action: str, id: str, **changes):
    """One of the three actions; a member given as Ellipsis is left out."""
    method, path, body = ACTIONS[action]
    kept = {name: value for name, value in {**body, **changes}.items() if value is not ...}
    return covent(client, method, path.format(id), kept)


def decision(client: Client, **leaves):
    """Sets the decision's progression, or turns it off."""
    return client.admin("PUT", "/settings", {"progressions": {"covent.decision": leaves or None}})


def made(client: Client, **changes) -> str:
    """The id of a new offer."""
    return create(client, **changes).json()["id"]


def test_a_read_has_history_and_no_times(client: Client):
    client.admin("PUT", "/clock", NOON)
    shown = read(client, made(client)).json()
    assert list(shown) == ["id", "listing_id", "individual_id", "amount", "status", "terms", "history"]
    assert shown["history"] == [{"type": "created", "at": "2026-04-17T19:45:00Z"}]
    printed = read(client, "off_123").json()
    assert printed["terms"] == samples.OFFER_CREATED["terms"]
    assert printed["history"] == [{"type": "created", "at": "2026-04-17T19:45:00Z"}]


def test_each_action_has_its_own_fields(client: Client):
    client.admin("PUT", "/clock", {**NOON, "now": "2026-04-17T20:05:00Z"})
    at = "2026-04-17T20:05:00Z"
    first, second = made(client), made(client)
    changed = act(client, "update", first).json()
    assert changed == {
        "id": first,
        "amount": 380000,
        "status": "submitted",
        "terms": {"inspection_period_days": 5, "close_of_escrow_days": 10},
        "updated_at": at,
    }
    given = samples.ACCEPT_OFFER["accepted_at"]
    accepted = act(client, "accept", first).json()
    assert accepted == {"id": first, "status": "accepted", "accepted_at": given, "updated_at": at}
    rejected = act(client, "reject", second).json()
    assert rejected == {"id": second, "status": "rejected", "rejected_at": at, "updated_at": at}
    assert [event["type"] for event in read(client, first).json()["history"]] == ["created", "updated", "accepted"]
    assert outcome(read(client, first)) == "accepted"
    assert outcome(read(client, second)) == "rejected"


def test_an_update_may_name_one_field_and_replaces_terms_whole(client: Client):
    id = made(client)
    assert act(client, "update", id, terms=..., expires_at=...).json()["terms"]["close_of_escrow_days"] == 14
    after = act(client, "update", id, amount=..., expires_at=..., terms={"a": 1}).json()
    assert (after["amount"], after["terms"]) == (380000, {"a": 1})


@pytest.mark.parametrize(
    ("action", "changes", "named"),
    [
        ("update", {"amount": ..., "terms": ..., "expires_at": ...}, [""]),
        ("update", {"amount": 0, "expires_at": "soon"}, ["amount", "expires_at"]),
        ("update", {"terms": [], "expires_at": 5}, ["terms", "expires_at"]),
        ("update", {"expires_at": "2026-04-20T23:59:59"}, ["expires_at"]),
        ("update", {"expires_at": "2026-02-30T00:00:00Z"}, ["expires_at"]),
        ("accept", {"accepted_at": ...}, ["accepted_at"]),
        ("accept", {"accepted_at": "yesterday", "notes": ...}, ["accepted_at", "notes"]),
        ("reject", {"reason": 5, "notes": None}, ["reason", "notes"]),
        ("reject", {"reason": ..., "notes": ...}, ["reason", "notes"]),
    ],
)
def test_an_invalid_action_names_its_fields_and_changes_nothing(client: Client, action, changes, named):
    before = client.world()
    assert faults(act(client, action, "off_123", **changes)) == named
    assert client.world() == before


@pytest.mark.parametrize("action", list(ACTIONS))
@pytest.mark.parametrize("id", FINAL)
def test_a_final_offer_takes_no_action(client: Client, action, id):
    before = client.world()
    answer = act(client, action, id)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "invalid_state")
    assert id.removeprefix("off_") in answer.headers["X-Sandbox-Reason"]
    assert client.world() == before


@pytest.mark.parametrize("action", list(ACTIONS))
def test_an_unknown_offer(client: Client, action):
    answer = act(client, action, "off_nobody")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert read(client, "off_nobody").status_code == 404


def test_an_offer_expires_at_its_time_and_the_clock_tells(client: Client):
    client.admin("PUT", "/clock", NOON)
    id = made(client)
    act(client, "update", id, expires_at="2026-04-18T00:00:00+02:00")
    assert outcome(read(client, id)) == "submitted"
    client.admin("POST", "/clock/advance", {"by": "PT2H14M59S"})
    assert outcome(read(client, id)) == "submitted"
    events = client.admin("POST", "/clock/advance", {"by": "PT1S"})["events"]
    assert events == [
        {
            "provider": "covent",
            "kind": "offers",
            "id": id,
            "from": "submitted",
            "to": "expired",
            "at": "2026-04-17T22:00:00.000Z",
        }
    ]
    assert read(client, id).json()["history"][-1] == {"type": "expired", "at": "2026-04-17T22:00:00Z"}
    assert act(client, "accept", id).status_code == 409


def test_an_expiry_keeps_its_fraction_of_a_second(client: Client):
    client.admin("PUT", "/clock", NOON)
    id = made(client)
    act(client, "update", id, expires_at="2026-04-17T19:45:02.700Z")
    client.admin("POST", "/clock/advance", {"by": "PT2.699S"})
    assert outcome(read(client, id)) == "submitted"
    client.admin("POST", "/clock/advance", {"by": "PT0.001S"})
    assert outcome(read(client, id)) == "expired"


def test_an_instant_beyond_the_calendar_is_told_the_bounds(client: Client):
    answer = act(client, "update", "off_123", expires_at="9999-12-31T23:59:59Z")
    assert "1970 and 9000" in answer.json()["error"]["details"][0]["message"]


def test_a_record_cannot_have_a_day_that_is_none(client: Client):
    offer = client.admin("GET", "/state/covent/offers/off_123")
    for expires_at in ("2026-02-31T00:00:00Z", "1969-12-31T00:00:00Z", "9999-12-31T23:59:59Z"):
        body = {"offers": [{**offer, "expires_at": expires_at}]}
        answer = client.call("PATCH", "/__admin/state/covent/offers", json=body)
        assert (answer.status_code, "expires_at" in answer.json()["detail"]) == (422, True)


@pytest.mark.parametrize(
    ("expires_at", "status"),
    [("2026-04-17T19:44:59Z", 422), ("2026-04-17T19:45:00Z", 422), ("2026-04-17T19:45:00.001Z", 200)],
)
def test_an_expiry_that_has_passed_is_refused_and_changes_nothing(client: Client, expires_at, status):
    client.admin("PUT", "/clock", NOON)
    before = client.state("covent/offers")
    answer = act(client, "update", "off_123", expires_at=expires_at)
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["error"]["details"][0]["field"] == "expires_at"
        assert "the workspace's clock shows 2026-04-17T19:45:00.000Z" in answer.headers["X-Sandbox-Reason"]
        assert "PUT /__admin/clock" in answer.headers["X-Sandbox-Reason"]
        assert client.state("covent/offers") == before


def test_the_pages_sample_works_on_the_day_of_the_page(client: Client):
    client.admin("PUT", "/clock", NOON)
    answer = act(client, "update", "off_123", amount=370000, expires_at="2026-04-20T23:59:59Z")
    assert (answer.status_code, answer.json()["status"]) == (200, "submitted")


def test_nobody_decides_unless_asked_to(client: Client):
    assert client.admin("GET", "/settings")["progressions"]["covent.decision"] is None
    id = made(client)
    client.admin("POST", "/clock/advance", {"by": "P365D"})
    assert outcome(read(client, id)) == "submitted"


def test_a_decision_after_a_while(client: Client):
    client.admin("PUT", "/clock", NOON)
    shown = decision(client, progression="time", seconds=25)
    assert shown["progressions"]["covent.decision"] == {"progression": "time", "seconds": 25}
    ids = [made(client), made(client, listing_id="lst_rejects"), made(client, listing_id="lst_expires")]
    client.admin("POST", "/clock/advance", {"by": "PT24S"})
    assert [outcome(read(client, id)) for id in ids] == ["submitted"] * 3
    events = client.admin("POST", "/clock/advance", {"by": "PT1S"})["events"]
    assert [(event["id"], event["to"]) for event in events] == list(
        zip(ids, ("accepted", "rejected", "expired"), strict=True)
    )
    assert read(client, ids[0]).headers["X-Sandbox-Trigger"] == "natural"
    assert read(client, ids[1]).headers["X-Sandbox-Trigger"] == "magic"
    assert decision(client)["progressions"]["covent.decision"] is None


def test_a_decision_after_some_reads(client: Client):
    decision(client, progression="manual", polls=2)
    id = made(client)
    assert [outcome(read(client, id)) for _ in range(4)] == ["submitted", "submitted", "accepted", "accepted"]


def test_a_decision_at_once(client: Client):
    decision(client, progression="immediate")
    answer = create(client)
    assert (outcome(answer), answer.json()["status"]) == ("success", "submitted"), "as the page has it"
    assert outcome(read(client, answer.json()["id"])) == "accepted"


def test_an_expiry_before_the_decision(client: Client):
    client.admin("PUT", "/clock", NOON)
    decision(client, progression="time", seconds=7200)
    id = made(client)
    act(client, "update", id, expires_at="2026-04-17T20:00:00Z")
    events = client.admin("POST", "/clock/advance", {"by": "P1D"})["events"]
    assert [event["to"] for event in events] == ["expired"]


@pytest.mark.parametrize(
    ("listing", "status"), [("lst_accepts", "accepted"), ("lst_rejects", "rejected"), ("lst_expires", "expired")]
)
def test_a_listing_of_magic_decides_right_after_creation(client: Client, listing, status):
    answer = create(client, listing_id=listing)
    assert (outcome(answer), answer.json()["status"]) == ("success", "submitted")
    shown = read(client, answer.json()["id"])
    assert (outcome(shown), shown.headers["X-Sandbox-Trigger"]) == (status, "magic")
    assert [event["type"] for event in shown.json()["history"]] == ["created", status]


@pytest.mark.parametrize("status", ["submitted", "accepted", "rejected", "expired"])
@pytest.mark.parametrize("id", ["off_123", *FINAL])
def test_a_forced_status_is_consistent_and_stores_nothing(client: Client, id, status):
    before = client.world()
    answer = covent(client, "GET", f"/offers/{id}", **{"X-Sandbox-Outcome": status})
    events = [event["type"] for event in answer.json()["history"]]
    assert answer.json()["status"] == status
    assert events == (["created"] if status == "submitted" else ["created", status])
    assert client.world() == before

"""Opendoor, after the offer: handover, underwriting, contract, closing and withdrawal, by time, reads and request."""

from itertools import pairwise
from typing import Any

import pytest

from graphql_calls import CONTACTS, OFFERED_ID, PENDING_ID, created, read, update, updated
from offer_sandbox.providers.opendoor.closing import REPAIR_CENTS
from offer_sandbox.providers.opendoor.provider import OFFER_REQUESTS
from running_server import Client, outcome

ALL = """query($id: String!) { offerRequest(opendoorOfferRequestId: $id) { offerStatus handoverAt offerData {
  headlinePriceCents headlineValuationRangeStart headlineValuationRangeEnd repairCostCents underwritingCompletedAt
  enteredContractAt coeDate closedAt withdrawnAt } } }"""
WAY = ["HANDOVER", "UNDERWRITING_COMPLETED", "ENTERED_CONTRACT", "CLOSED"]
TODAY = "2026-04-17T00:00:00.000Z"


@pytest.fixture
def frozen(client: Client) -> Client:
    """A workspace whose clock stands still."""
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    return client


def closing(client: Client, **leaves: object) -> None:
    """Sets the pace of the steps after an offer."""
    client.admin("PUT", "/settings", {"progressions": {"opendoor.closing": leaves}})


def shown(client: Client, id: str = PENDING_ID, **headers: str) -> tuple[Any, str]:
    """What Opendoor shows of a request, and the outcome of the read."""
    answer = client.graphql(ALL, {"id": id}, headers=headers)
    return answer.json()["data"]["offerRequest"], outcome(answer)


def advanced(client: Client, by: str, id: str = PENDING_ID) -> list[tuple[str, str]]:
    """The changes of a request after an advance of the clock."""
    events = client.admin("POST", "/clock/advance", {"by": by})["events"]
    return [(event["from"], event["to"]) for event in events if event["id"] == id]


def transition(client: Client, to: str, id: str = OFFERED_ID) -> Any:
    """Makes a request change its stage now."""
    return client.admin("POST", f"/state/opendoor/offerRequests/{id}/transitions", {"to": to})


def test_by_default_an_offer_only_expires(frozen: Client):
    updated(frozen, PENDING_ID, **CONTACTS)
    assert advanced(frozen, "P30D") == [("EVALUATING_REQUEST", "OFFERED"), ("OFFERED", "OFFER_EXPIRED")]


def test_an_offer_goes_all_the_way_to_the_closing(frozen: Client):
    closing(frozen, progression="time", seconds=60)
    updated(frozen, PENDING_ID, **CONTACTS)
    assert advanced(frozen, "PT5S") == [("EVALUATING_REQUEST", "OFFERED")]
    before, _ = shown(frozen)
    found = []
    for stage in WAY:
        advanced(frozen, "PT60S")
        now, reached = shown(frozen)
        assert (now["offerStatus"], reached) == ("OFFERED", stage)
        found.append(now)
    handed, underwritten, contract, closed = found
    assert (handed["handoverAt"], handed["offerData"]) == (TODAY, before["offerData"])
    assert underwritten["offerData"] == {
        **before["offerData"],
        "underwritingCompletedAt": TODAY,
        "repairCostCents": REPAIR_CENTS,
        "headlineValuationRangeStart": None,
        "headlineValuationRangeEnd": None,
    }
    agreed = {"enteredContractAt": TODAY, "coeDate": "2026-05-17T00:00:00.000Z"}
    assert contract["offerData"] == {**underwritten["offerData"], **agreed}
    assert closed["offerData"] == {**contract["offerData"], "coeDate": TODAY, "closedAt": TODAY}
    assert advanced(frozen, "P30D") == [], "a sale that has closed does not expire"


def test_all_steps_are_events_in_their_order(frozen: Client):
    closing(frozen, progression="time", seconds=60)
    updated(frozen, PENDING_ID, **CONTACTS)
    way = ["EVALUATING_REQUEST", "OFFERED", *WAY]
    assert advanced(frozen, "P1D") == list(pairwise(way))
    [event] = frozen.admin("GET", "/webhooks")["webhooks"]
    assert event["topic"] == "offer.sent", "Opendoor documents no webhook for the steps"


def test_reads_bring_the_steps_under_manual_progression(frozen: Client):
    closing(frozen, progression="manual", polls=1)
    updated(frozen, PENDING_ID, **CONTACTS)
    advanced(frozen, "PT5S")
    assert [shown(frozen)[1] for _ in range(6)] == ["OFFERED", *WAY, "CLOSED"]


def test_immediate_steps_come_before_the_next_call(frozen: Client):
    closing(frozen, progression="immediate")
    updated(frozen, PENDING_ID, **CONTACTS)
    advanced(frozen, "PT5S")
    assert shown(frozen)[1] == "CLOSED"


def test_an_offer_expires_before_a_step_that_takes_longer(frozen: Client):
    closing(frozen, progression="time", seconds=4 * 86_400)
    updated(frozen, PENDING_ID, **CONTACTS)
    way = [("EVALUATING_REQUEST", "OFFERED"), ("OFFERED", "HANDOVER"), ("HANDOVER", "OFFER_EXPIRED")]
    assert advanced(frozen, "P60D") == way


def test_a_contract_keeps_the_offer_from_expiring(frozen: Client):
    closing(frozen, progression="time", seconds=2 * 86_400)
    updated(frozen, PENDING_ID, **CONTACTS)
    assert advanced(frozen, "P60D")[-1] == ("ENTERED_CONTRACT", "CLOSED"), "on the eighth day"


@pytest.mark.parametrize("pace", [None, {"progression": "time", "seconds": 60}])
def test_an_offer_whose_fate_it_is_is_withdrawn(frozen: Client, pace: dict[str, object] | None):
    if pace:
        closing(frozen, **pace)
    answer = update(frozen, PENDING_ID, {**CONTACTS, "sellerEmail": "ada+withdraw-offer@example.com"})
    assert (outcome(answer), answer.headers["X-Sandbox-Trigger"]) == ("WITHDRAWN", "magic")
    way = [("EVALUATING_REQUEST", "OFFERED"), ("OFFERED", "HANDOVER"), ("HANDOVER", "WITHDRAWN")]
    assert advanced(frozen, "P30D") == way
    now, reached = shown(frozen)
    assert (now["offerStatus"], now["offerData"]["withdrawnAt"], reached) == ("OFFERED", TODAY, "WITHDRAWN")
    assert outcome(update(frozen, PENDING_ID, {"homeBedrooms": 4})) == "OFFERED", "a later answer is only stored"


def test_a_street_and_a_forced_outcome_seal_the_same_fate(frozen: Client):
    id = created(frozen, "5 Withdraw offer St")
    updated(frozen, id, **CONTACTS)
    update(frozen, PENDING_ID, CONTACTS, **{"X-Sandbox-Outcome": "WITHDRAWN"})
    advanced(frozen, "P1D")
    assert [shown(frozen, each)[1] for each in (id, PENDING_ID)] == ["WITHDRAWN"] * 2


def test_every_step_can_be_requested(frozen: Client):
    for stage in WAY:
        events = transition(frozen, stage)["events"]
        assert [event["to"] for event in events] == [stage]
        assert shown(frozen, OFFERED_ID)[1] == stage
    answer = frozen.call(
        "POST", f"/__admin/state/opendoor/offerRequests/{OFFERED_ID}/transitions", json={"to": "WITHDRAWN"}
    )
    assert (answer.status_code, answer.json()["known"]) == (409, [])


@pytest.mark.parametrize("number", range(4))
def test_an_offer_can_be_withdrawn_until_the_closing(frozen: Client, number: int):
    for stage in WAY[:number]:
        if stage != "CLOSED":
            transition(frozen, stage)
    assert transition(frozen, "WITHDRAWN")["record"]["offerData"]["withdrawnAt"] == TODAY
    assert advanced(frozen, "P30D", OFFERED_ID) == []


@pytest.mark.parametrize("stage", [*WAY, "WITHDRAWN"])
def test_a_forced_read_shows_a_later_stage_and_stores_nothing(frozen: Client, stage: str):
    before = shown(frozen)
    now, reached = shown(frozen, **{"X-Sandbox-Outcome": stage})
    assert (now["offerStatus"], reached) == ("OFFERED", stage)
    assert shown(frozen) == before
    assert outcome(read(frozen, OFFERED_ID)) == "OFFERED"


def test_a_forced_earlier_state_shows_nothing_of_the_later_life(frozen: Client):
    for stage in WAY:
        transition(frozen, stage)
    now, _ = shown(frozen, OFFERED_ID, **{"X-Sandbox-Outcome": "OFFERED"})
    assert (now["handoverAt"], now["offerData"]["closedAt"]) == (None, None)
    now, _ = shown(frozen, OFFERED_ID, **{"X-Sandbox-Outcome": "PENDING"})
    assert (now["handoverAt"], now["offerData"]) == (None, None)


def test_an_offer_that_expires_on_request_has_an_expiry_in_the_past(frozen: Client):
    record = transition(frozen, "OFFER_EXPIRED")["record"]
    data = record["offerData"]
    assert data["expirationAt"] == data["expiresAt"] == "2026-04-17T19:45:00.000Z"
    assert data["expirationAtDisplayDate"] == "2026-04-17"


def test_an_evaluation_ends_on_request_either_way(frozen: Client):
    ids = [created(frozen), created(frozen)]
    for id, end in zip(ids, ("OFFERED", "DENIED"), strict=True):
        updated(frozen, id, **CONTACTS)
        assert transition(frozen, end, id)["record"]["offerStatus"] == end
    denied = frozen.admin("GET", f"/state/opendoor/offerRequests/{ids[1]}")
    assert denied["denialInfo"]["code"] == "OTHER_DENIAL_GENERAL"


def edited(client: Client, id: str, **changes: object) -> Any:
    """Edits a record by hand, with nulls as they are."""
    record = client.admin("GET", f"/state/opendoor/offerRequests/{id}")
    return client.call("PUT", f"/__admin/state/opendoor/offerRequests/{id}", json={**record, **changes})


def test_an_offer_without_data_can_be_read_and_goes_nowhere(frozen: Client):
    closing(frozen, progression="manual", polls=0)
    frozen.admin("PUT", "/settings", {"progressions": {"opendoor.evaluation": {"progression": "immediate"}}})
    updated(frozen, PENDING_ID, **CONTACTS)
    assert edited(frozen, PENDING_ID, offerData=None).status_code == 200
    assert [shown(frozen)[1] for _ in range(3)] == ["OFFERED"] * 3
    answer = frozen.call(
        "POST", f"/__admin/state/opendoor/offerRequests/{PENDING_ID}/transitions", json={"to": "HANDOVER"}
    )
    assert (answer.status_code, answer.json()["known"]) == (409, [])
    pricing = frozen.graphql(PRICES, {"id": PENDING_ID}).json()["data"]["offerRequestWithProductsPricing"]
    assert pricing == {
        "offerStatus": "OFFERED",
        "authenticatedDashboardUrl": None,
        "sellDirect": {"offerData": None},
        "cnml": {"offerStatus": "ELIGIBLE", "offerData": None},
    }


PRICES = """query($id: String!) { offerRequestWithProductsPricing(opendoorOfferRequestId: $id) { offerStatus
  authenticatedDashboardUrl sellDirect { offerData { netProceeds } } cnml { offerStatus offerData { upfrontCashCents }
  } } }"""


def test_an_expiry_is_a_date_of_the_calendar(frozen: Client):
    data = frozen.admin("GET", f"/state/opendoor/offerRequests/{OFFERED_ID}")["offerData"]
    refused = edited(frozen, OFFERED_ID, offerData={**data, "expirationAt": "2026-99-99T00:00:00.000Z"})
    assert (refused.status_code, "offerData.expirationAt" in refused.json()["detail"]) == (422, True)


@pytest.mark.parametrize("name", ["enteredContractAt", "closedAt", "withdrawnAt"])
def test_time_no_longer_changes_a_request_that_is_edited_past_its_offer(frozen: Client, name: str):
    data = frozen.admin("GET", f"/state/opendoor/offerRequests/{OFFERED_ID}")["offerData"]
    assert edited(frozen, OFFERED_ID, offerData={**data, name: TODAY}).status_code == 200
    record = frozen.admin("GET", f"/state/opendoor/offerRequests/{OFFERED_ID}")
    assert record["sandbox"]["due"] is not None
    assert OFFER_REQUESTS.due(record) is None
    assert advanced(frozen, "P30D", OFFERED_ID) == []


def test_a_step_after_the_last_instant_of_a_clock_is_stored(client: Client):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "8999-12-31T00:00:00Z"})
    closing(client, progression="time", seconds=315_360_000)
    updated(client, PENDING_ID, **CONTACTS)
    for stage in ("OFFERED", "HANDOVER", "UNDERWRITING_COMPLETED", "ENTERED_CONTRACT"):
        record = transition(client, stage, PENDING_ID)["record"]
    assert edited(client, PENDING_ID).status_code == 200
    assert record["sandbox"]["due"] == record["sandbox"]["closing"]["due"]

"""Opendoor's seeded requests: every status, each with the answers that lead to it, and offers that expire."""

from datetime import UTC, datetime, timedelta

import pytest

from graphql_calls import OFFERED_ID, PENDING_ID, read, whole
from offer_sandbox.providers.opendoor.denials import DENIALS, disqualified
from offer_sandbox.providers.opendoor.fixtures import build, moved
from offer_sandbox.providers.opendoor.stages import stage_of
from running_server import Client, outcome

REFERENCE = datetime(2026, 4, 17, 19, 45, tzinfo=UTC)
WEEK = timedelta(days=7)


def freeze(client: Client):
    """A clock that stands still."""
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-11-29T08:00:00Z"})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.documented("opendoor:8b")
def test_the_offer_of_the_walkthrough_is_two_days_old_and_valid_for_seven(client: Client):
    freeze(client)
    data = whole(client, OFFERED_ID)["offerData"]
    assert data["sentAt"] == "2026-11-27T08:00:00.000Z"
    assert data["expirationAt"] == data["expiresAt"] == "2026-12-04T08:00:00.000Z"
    assert data["expirationAtDisplayDate"] == "2026-12-04"
    events = client.admin("POST", "/clock/advance", {"by": "P5D"})["events"]
    assert [each["to"] for each in events if each["id"] == OFFERED_ID] == ["OFFER_EXPIRED"]
    assert outcome(read(client, OFFERED_ID)) == "OFFER_EXPIRED"
    assert outcome(read(client, PENDING_ID)) == "PENDING", "nobody answers for it"


def test_only_open_offers_change_with_time(client: Client):
    freeze(client)
    before = client.state("opendoor/offerRequests")
    events = client.admin("POST", "/clock/advance", {"by": "P3650D"})["events"]
    assert {(each["from"], each["to"]) for each in events} == {
        ("OFFERED", "OFFER_EXPIRED"),
        ("HANDOVER", "OFFER_EXPIRED"),
    }
    gone = {each["id"] for each in events}
    assert gone == {each["opendoorOfferRequestId"] for each in before if each["sandbox"]["due"]}
    still = [each for each in before if each["opendoorOfferRequestId"] not in gone]
    assert [each for each in client.state("opendoor/offerRequests") if each in still] == still


@pytest.mark.parametrize("seed", [42, 1])
@pytest.mark.parametrize("days", [-900, 0, 0.5, 200])
def test_offers_are_open_for_seven_days_or_over(seed, days):
    now = REFERENCE + timedelta(days=days)
    requests = moved(build(seed), now)["offerRequests"]
    assert {stage_of(each) for each in requests} == {
        "PENDING", "EVALUATING_REQUEST", "OFFERED", "OFFER_EXPIRED", "DENIED",
        "HANDOVER", "ENTERED_CONTRACT", "CLOSED", "WITHDRAWN",
    }  # fmt: skip
    for each in requests:
        assert at(each["sandbox"]["createdAt"]) <= now
        data = each["offerData"]
        if data is None:
            continue
        sent, expires = at(data["sentAt"]), at(data["expirationAt"])
        assert (sent <= now, expires - sent) == (True, WEEK)
        over = stage_of(each) == "OFFER_EXPIRED" or data["withdrawnAt"] or data["enteredContractAt"]
        assert (expires > now) or over
        assert each["sandbox"]["due"] == (None if over else expires.timestamp() * 1000)
    assert any(now - at(each["sandbox"]["createdAt"]) < WEEK for each in requests)


@pytest.mark.parametrize("seed", [42, 1, 2])
def test_every_denial_follows_from_what_happened(seed):
    denied = [each for each in build(seed)["offerRequests"] if each["offerStatus"] == "DENIED"]
    assert len({each["denialInfo"]["code"] for each in denied}) == 5
    for each in denied:
        code, sandbox = each["denialInfo"]["code"], each["sandbox"]
        since = at(each["denialInfo"]["deniedAt"]) - at(sandbox["createdAt"])
        if code == disqualified(sandbox["answers"]):
            assert timedelta() < since
        elif DENIALS[code].stage == "create":
            assert (since, sandbox["answers"]) == (timedelta(), {})
        else:
            assert (DENIALS[code].stage, sandbox["submittedAt"] is None) == ("pricing", False)


def test_the_evaluation_that_never_ends_says_why(client: Client):
    [endless] = [
        each for each in client.state("opendoor/offerRequests") if each["offerStatus"] == "EVALUATING_REQUEST"
    ]
    assert "+evaluate-forever@" in endless["sandbox"]["answers"]["sellerEmail"]
    assert outcome(read(client, endless["opendoorOfferRequestId"])) == "EVALUATING_REQUEST"

"""Opendoor, Generating Offers: creating, updating, reading; denial, evaluation, offer, expiry."""

import re

import pytest

from graphql_calls import (
    CONTACTS,
    CREATE,
    CREATE_VARIABLES,
    OFFERED_ID,
    PENDING_ID,
    READ,
    READ_VARIABLES,
    UPDATE,
    UPDATE_VARIABLES,
    create,
    created,
    read,
    status,
    update,
    updated,
    whole,
)
from offer_sandbox.providers.opendoor.denials import DENIALS, DISQUALIFYING, ON_UPDATE, codes_of
from running_server import Client, outcome

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def freeze(client: Client):
    """A clock that stands still."""
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})


def advance(client: Client, span: str):
    """Moves the clock; what happened."""
    events = client.admin("POST", "/clock/advance", {"by": span})["events"]
    return [(event["id"], event["from"], event["to"]) for event in events]


@pytest.mark.documented("opendoor:10a", "opendoor:10c", "opendoor:16", "opendoor:18", "opendoor:28", "opendoor:6a")
def test_the_sample_creation_verbatim(client: Client):
    answer = client.graphql(CREATE, CREATE_VARIABLES).json()
    [(field, payload)] = answer["data"].items()
    assert field == "offerRequestCreate"
    id = payload["offerRequest"]["opendoorOfferRequestId"]
    assert UUID.fullmatch(id)
    assert read(client, id).json()["data"]["offerRequest"]["opendoorOfferRequestId"] == id
    assert "errors" not in answer


@pytest.mark.documented(
    "opendoor:37a", "opendoor:37b", "opendoor:47", "opendoor:49", "opendoor:63", "opendoor:64", "opendoor:108a"
)
def test_the_sample_update_verbatim(client: Client):
    answer = client.graphql(UPDATE, UPDATE_VARIABLES).json()
    expected = {"opendoorOfferRequestId": PENDING_ID, "offerStatus": "PENDING", "denialInfo": None}
    assert answer == {"data": {"offerRequestUpdate": {"offerRequest": expected}}}


@pytest.mark.documented("opendoor:74", "opendoor:82", "opendoor:84", "opendoor:98")
def test_the_sample_query_verbatim(client: Client):
    found = client.graphql(READ, READ_VARIABLES).json()["data"]["offerRequest"]
    assert found["opendoorOfferRequestId"] == OFFERED_ID
    assert found["offerStatus"] == "OFFERED"
    assert found["denialInfo"] is None
    assert isinstance(found["offerData"]["headlinePriceCents"], int)


@pytest.mark.documented("opendoor:10e")
def test_an_id_that_was_not_asked_for_cannot_be_found_again(client: Client):
    """Neither by address nor otherwise: an id is all that a query takes."""
    answer = client.graphql("{ __schema { queryType { fields { args { name } } } } }").json()
    arguments = [
        arg["name"] for field in answer["data"]["__schema"]["queryType"]["fields"] for arg in field["args"]
    ]
    assert set(arguments) == {"opendoorOfferRequestId"}
    assert created(client) != created(client), "the same address twice gives two requests"


@pytest.mark.documented("opendoor:37c", "opendoor:37d")
def test_updates_are_incremental_and_may_overwrite(client: Client):
    id = created(client)
    updated(client, id, homeBedrooms=3)
    updated(client, id, homeAboveGradeSqFt=1000)
    updated(client, id, homeAboveGradeSqFt=2000)
    answers = client.state("opendoor/offerRequests")[-1]["sandbox"]["answers"]
    assert answers == {"homeBedrooms": 3, "homeAboveGradeSqFt": 2000}


@pytest.mark.documented(
    "opendoor:108c", "opendoor:109a", "opendoor:109b", "opendoor:109d", "opendoor:76a", "opendoor:41c",
    "opendoor:105b", "opendoor:111",
)  # fmt: skip
def test_both_contacts_submit_and_the_evaluation_ends_in_an_offer(client: Client):
    freeze(client)
    id = created(client)
    assert updated(client, id, **CONTACTS)["offerStatus"] == "EVALUATING_REQUEST"
    assert advance(client, "PT4.999S") == []
    assert status(client, id) == ("EVALUATING_REQUEST", None)
    assert advance(client, "PT0.001S") == [(id, "EVALUATING_REQUEST", "OFFERED")]
    assert status(client, id) == ("OFFERED", None)
    advance(client, "P3650D")
    assert status(client, id) == ("OFFERED", None), "terminal"


@pytest.mark.documented("opendoor:41c")
@pytest.mark.parametrize("blank", ["", "   ", None])
def test_one_contact_alone_or_blank_does_not_submit(client: Client, blank):
    id = created(client)
    assert updated(client, id, sellerFullName="Ada")["offerStatus"] == "PENDING"
    assert updated(client, id, sellerEmail=blank)["offerStatus"] == "PENDING"
    assert updated(client, id, sellerEmail="ada@example.com")["offerStatus"] == "EVALUATING_REQUEST"


@pytest.mark.documented("opendoor:8a", "opendoor:8c")
def test_an_offer_has_a_price_and_estimates_of_fees(client: Client):
    freeze(client)
    id = created(client)
    updated(client, id, homeAboveGradeSqFt=2000, **CONTACTS)
    advance(client, "PT5S")
    data = whole(client, id)["offerData"]
    price = data["headlinePriceCents"]
    assert abs(price / 100 / (120_000 + 180 * 2000) - 1) <= 0.03
    assert price % 100 == 0
    assert (data["headlineValuationRangeStart"], data["headlineValuationRangeEnd"]) == (
        price * 95 // 100,
        price * 105 // 100,
    )
    assert (data["feeCostPercent"], data["feeCostCents"]) == (5.0, price * 5 // 100)
    assert (data["estimatedClosingCostPercent"], data["estimatedClosingCostCents"]) == (1.0, price // 100)
    assert data["repairCostCents"] == 0
    later = (
        "underwritingCompletedAt",
        "underwritingState",
        "enteredContractAt",
        "coeDate",
        "closedAt",
        "withdrawnAt",
    )
    assert {data[name] for name in later} == {None}


@pytest.mark.parametrize("feet", [-5, 0, 2_147_483_647])
def test_an_absurd_size_still_gives_an_offer(client: Client, feet):
    client.admin("PUT", "/settings", {"progressions": {"opendoor.evaluation": {"progression": "immediate"}}})
    id = created(client)
    assert updated(client, id, homeAboveGradeSqFt=feet, **CONTACTS)["offerStatus"] == "OFFERED"
    assert whole(client, id)["offerData"]["headlinePriceCents"] > 0


@pytest.mark.documented("opendoor:8b")
def test_an_offer_expires_after_seven_days(client: Client):
    freeze(client)
    id = created(client)
    updated(client, id, **CONTACTS)
    advance(client, "PT5S")
    data = whole(client, id)["offerData"]
    assert data["sentAt"] == "2026-04-17T19:45:05.000Z"
    assert data["expirationAt"] == data["expiresAt"] == "2026-04-24T19:45:05.000Z"
    assert outcome(read(client, id)) == "OFFERED"
    assert (id, "OFFERED", "OFFER_EXPIRED") in advance(client, "P7D")
    answer = read(client, id)
    assert outcome(answer) == "OFFER_EXPIRED"
    assert answer.json()["data"]["offerRequest"]["offerStatus"] == "OFFERED", "there is no such status"


@pytest.mark.documented("opendoor:41a", "opendoor:41d")
def test_later_inputs_are_kept_and_change_neither_price_nor_status(client: Client):
    freeze(client)
    one, other = created(client), created(client)
    for id in (one, other):
        updated(client, id, homeAboveGradeSqFt=2000, **CONTACTS)
    late = {"homeAboveGradeSqFt": 9000, "homeEligibilityCriteriaFireDamage": True}
    assert updated(client, other, **late)["offerStatus"] == "EVALUATING_REQUEST"
    advance(client, "PT5S")
    assert updated(client, other, homeBedrooms=9)["offerStatus"] == "OFFERED"
    price = whole(client, other)["offerData"]["headlinePriceCents"]
    assert abs(price / 100 / (120_000 + 180 * 2000) - 1) <= 0.03
    stored = client.state("opendoor/offerRequests")[-1]["sandbox"]["answers"]
    assert stored["homeAboveGradeSqFt"] == 9000
    assert stored["homeBedrooms"] == 9


@pytest.mark.documented(
    "opendoor:39a", "opendoor:39b", "opendoor:39c", "opendoor:39d", "opendoor:108b", "opendoor:6b"
)
@pytest.mark.parametrize(("answer", "code"), [*DISQUALIFYING.items(), ("homeYearBuilt", "BEFORE_1960")])
def test_a_disqualifying_answer_denies(client: Client, answer, code):
    freeze(client)
    id = created(client)
    given = 1959 if answer == "homeYearBuilt" else True
    found = updated(client, id, **{answer: given})
    assert (found["offerStatus"], found["denialInfo"]) == ("DENIED", {"code": code})
    info = whole(client, id)["denialInfo"]
    assert info["deniedAt"] == "2026-04-17T19:45:00.000Z"
    assert info["explanation"]


@pytest.mark.parametrize("given", [{"homeEligibilityCriteriaFireDamage": False}, {"homeYearBuilt": 1960}])
def test_a_harmless_answer_does_not_deny(client: Client, given):
    assert updated(client, created(client), **given)["offerStatus"] == "PENDING"


def test_a_disqualifying_answer_together_with_the_contacts_denies(client: Client):
    found = updated(client, created(client), homeEligibilityCriteriaSeptic=True, **CONTACTS)
    assert found["denialInfo"] == {"code": "SEPTIC"}


@pytest.mark.documented("opendoor:110", "opendoor:7")
def test_denied_is_terminal(client: Client):
    id = created(client)
    updated(client, id, homeEligibilityCriteriaSeptic=True)
    answer = update(client, id, {"homeEligibilityCriteriaSeptic": False, **CONTACTS})
    assert outcome(answer) == "DENIED"
    assert "errors" not in answer.json()
    advance(client, "P30D")
    assert status(client, id) == ("DENIED", "SEPTIC")
    assert whole(client, id)["offerData"] is None


@pytest.mark.documented("opendoor:109c")
@pytest.mark.parametrize("code", codes_of("pricing"))
def test_a_pricing_denial_shows_when_the_evaluation_ends(client: Client, code):
    freeze(client)
    id = created(client)
    tag = code.lower().replace("_", "-")
    answer = update(client, id, {**CONTACTS, "sellerEmail": f"ada+deny-{tag}@example.com"})
    assert outcome(answer) == code
    assert answer.json()["data"]["offerRequestUpdate"]["offerRequest"]["offerStatus"] == "EVALUATING_REQUEST"
    assert status(client, id) == ("EVALUATING_REQUEST", None)
    assert advance(client, "PT5S") == [(id, "EVALUATING_REQUEST", "DENIED")]
    assert status(client, id) == ("DENIED", code)


@pytest.mark.documented("opendoor:105a")
def test_there_are_four_statuses(client: Client):
    answer = client.graphql('{ __type(name: "OfferStatus") { enumValues { name } } }').json()
    names = [value["name"] for value in answer["data"]["__type"]["enumValues"]]
    assert names == ["PENDING", "EVALUATING_REQUEST", "DENIED", "OFFERED"]


@pytest.mark.parametrize("code", DENIALS)
def test_a_street_denies_at_the_codes_own_stage(client: Client, code):
    freeze(client)
    answer = create(client, f"1 Deny {code.lower().replace('_', '-')} St")
    id = answer.json()["data"]["offerRequestCreate"]["offerRequest"]["opendoorOfferRequestId"]
    stage = DENIALS[code].stage
    assert outcome(answer) == (code if stage == "create" else "PENDING")
    assert answer.headers["X-Sandbox-Trigger"] == ("magic" if stage == "create" else "natural")
    if stage == "update":
        answer = update(client, id, {"homeBedrooms": 3})
        assert (outcome(answer), answer.headers["X-Sandbox-Trigger"]) == (code, "magic")
    if stage == "pricing":
        assert updated(client, id, homeBedrooms=3)["offerStatus"] == "PENDING"
        assert outcome(update(client, id, CONTACTS)) == code
        advance(client, "PT5S")
    assert status(client, id) == ("DENIED", code)
    assert (outcome(read(client, id)), read(client, id).headers["X-Sandbox-Trigger"]) == (code, "natural")


def test_an_email_cannot_deny_for_what_only_creation_finds_out(client: Client):
    id = created(client)
    for code in DENIALS.keys() - set(ON_UPDATE):
        tag = code.lower().replace("_", "-")
        assert updated(client, id, sellerEmail=f"ada+deny-{tag}@example.com")["offerStatus"] == "PENDING"


@pytest.mark.parametrize(
    ("carrier", "value"), [("street", "2 Evaluate 25s Ave"), ("email", "ada+evaluate-25s@example.com")]
)
def test_a_slow_evaluation(client: Client, carrier, value):
    freeze(client)
    id = created(client, value) if carrier == "street" else created(client)
    contacts = {**CONTACTS, "sellerEmail": value} if carrier == "email" else CONTACTS
    answer = update(client, id, contacts)
    assert (outcome(answer), answer.headers["X-Sandbox-Trigger"]) == ("slow_evaluation", "magic")
    assert advance(client, "PT24S") == []
    assert advance(client, "PT1S") == [(id, "EVALUATING_REQUEST", "OFFERED")]


def test_an_evaluation_without_end(client: Client):
    freeze(client)
    id = created(client, "2 Evaluate forever Ave")
    assert outcome(update(client, id, CONTACTS)) == "endless_evaluation"
    advance(client, "P3650D")
    assert status(client, id) == ("EVALUATING_REQUEST", None)


def test_an_offer_that_has_expired_when_it_is_made(client: Client):
    freeze(client)
    id = created(client, "3 Expire now St")
    assert outcome(update(client, id, CONTACTS)) == "OFFER_EXPIRED"
    assert advance(client, "PT5S") == [(id, "EVALUATING_REQUEST", "OFFERED"), (id, "OFFERED", "OFFER_EXPIRED")]
    assert whole(client, id)["offerData"]["expirationAt"] == "2026-04-17T19:45:05.000Z"


def test_progressions(client: Client):
    def evaluate(setting):
        client.admin("PUT", "/settings", {"progressions": {"opendoor.evaluation": setting}})
        id = created(client)
        return id, outcome(update(client, id, CONTACTS))

    assert evaluate({"progression": "immediate"})[1] == "OFFERED"
    id, reported = evaluate({"progression": "manual", "polls": 2})
    assert reported == "EVALUATING_REQUEST"
    assert [outcome(read(client, id)) for _ in range(4)] == ["EVALUATING_REQUEST"] * 2 + ["OFFERED"] * 2
    freeze(client)
    id, _ = evaluate({"progression": "time", "seconds": 90})
    assert advance(client, "PT89S") == []
    assert advance(client, "PT1S") == [(id, "EVALUATING_REQUEST", "OFFERED")]


@pytest.mark.parametrize("ask", [read, lambda client, id: update(client, id, {"homeBedrooms": 3})])
def test_an_unknown_id(client: Client, ask):
    answer = ask(client, "no-such-id")
    assert (answer.status_code, outcome(answer)) == (200, "NOT_FOUND")
    body = answer.json()
    assert list(body["data"].values()) == [None]
    assert body["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
    assert body["errors"][0]["path"] == list(body["data"])


def test_a_forced_state_on_a_read_is_consistent_and_stores_nothing(client: Client):
    before = client.world()
    for name in ("PENDING", "EVALUATING_REQUEST", "OFFERED", "OFFER_EXPIRED", *DENIALS):
        for id in (PENDING_ID, OFFERED_ID):
            answer = read(client, id, **{"X-Sandbox-Outcome": name})
            found = answer.json()["data"]["offerRequest"]
            assert (outcome(answer), answer.headers["X-Sandbox-Trigger"]) == (name, "header")
            expected = "DENIED" if name in DENIALS else name.replace("OFFER_EXPIRED", "OFFERED")
            assert found["offerStatus"] == expected
            assert (found["denialInfo"] is not None) == (name in DENIALS)
            assert (found["offerData"] is not None) == name.startswith("OFFER")
    assert client.world() == before


def test_a_forced_denial_of_a_creation_is_stored(client: Client):
    answer = create(client, **{"X-Sandbox-Outcome": "FLOOD_ZONE"})
    id = answer.json()["data"]["offerRequestCreate"]["offerRequest"]["opendoorOfferRequestId"]
    assert answer.headers["X-Sandbox-Trigger"] == "header"
    assert status(client, id) == ("DENIED", "FLOOD_ZONE")


@pytest.mark.parametrize("name", [*ON_UPDATE, "slow_evaluation", "endless_evaluation", "OFFER_EXPIRED"])
def test_a_forced_fate_of_an_update_comes_true(client: Client, name):
    freeze(client)
    id = created(client)
    answer = update(client, id, CONTACTS, **{"X-Sandbox-Outcome": name})
    assert (outcome(answer), answer.headers["X-Sandbox-Trigger"]) == (name, "header")
    advance(client, "PT5S")
    expected = {
        "slow_evaluation": "EVALUATING_REQUEST",
        "endless_evaluation": "EVALUATING_REQUEST",
    }.get(name, name)
    assert outcome(read(client, id)) == expected


def test_a_forced_denial_needs_a_valid_request(client: Client):
    answer = update(client, "no-such-id", CONTACTS, **{"X-Sandbox-Outcome": "SEPTIC"})
    assert (outcome(answer), answer.headers["X-Sandbox-Trigger"]) == ("NOT_FOUND", "natural")


@pytest.mark.parametrize(
    "street",
    [
        "1 Deny valuation-too-low St",
        "22 DENY VALUATION TOO LOW",
        "3 deny_valuation_too_low Ave",
        "4 DenyValuationTooLow",
    ],
)
def test_letter_case_and_separators_of_magic_do_not_matter(client: Client, street):
    assert outcome(update(client, created(client, street), CONTACTS)) == "VALUATION_TOO_LOW"


@pytest.mark.parametrize(
    "street", ["1 Denyse St", "Deny valuation-too-low St", "1 Evaluate St", "1 Expire St", "1 Deny St"]
)
def test_an_ordinary_street_is_no_magic(client: Client, street):
    assert outcome(update(client, created(client, street), CONTACTS)) == "EVALUATING_REQUEST"


def test_the_header_wins_over_magic(client: Client):
    answer = create(client, "1 Deny address St", **{"X-Sandbox-Outcome": "PENDING"})
    assert (outcome(answer), answer.headers["X-Sandbox-Trigger"]) == ("PENDING", "header")
    id = created(client, "1 Deny valuation-too-low St")
    tagged = {**CONTACTS, "sellerEmail": "ada+evaluate-forever@example.com"}
    answer = update(client, id, tagged, **{"X-Sandbox-Outcome": "EVALUATING_REQUEST"})
    assert (outcome(answer), answer.headers["X-Sandbox-Trigger"]) == ("EVALUATING_REQUEST", "header")
    advance(client, "PT5S")
    assert status(client, id) == ("OFFERED", None)


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u00a0"])
@pytest.mark.parametrize("name", ["street1", "city", "state", "postalCode"])
def test_a_blank_part_of_the_address_is_refused_and_creates_nothing(client: Client, name, blank):
    before = client.state("opendoor/offerRequests")
    address = {**CREATE_VARIABLES["offerRequestCreateInput"]["address"], name: blank}
    answer = client.graphql(CREATE, {"offerRequestCreateInput": {"address": address}})
    assert (answer.status_code, outcome(answer)) == (200, "BAD_USER_INPUT")
    [error] = answer.json()["errors"]
    assert error["message"] == f"address.{name} must not be blank"
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert answer.json()["data"] == {"offerRequestCreate": None}
    assert client.state("opendoor/offerRequests") == before


def test_a_blank_unit_is_no_unit(client: Client):
    address = {**CREATE_VARIABLES["offerRequestCreateInput"]["address"], "street2": ""}
    answer = client.graphql(CREATE, {"offerRequestCreateInput": {"address": address}})
    assert outcome(answer) == "PENDING"

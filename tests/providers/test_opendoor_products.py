"""Opendoor: an offer request product by product, and the webhook that tells of an offer."""

import json

import pytest

from graphql_calls import CONTACTS, OFFERED_ID, PENDING_ID, UPDATE, created, updated
from running_server import Client, outcome
from webhook_receiver import Receiver

PRICING = """query($id: String!) { offerRequestWithProductsPricing(opendoorOfferRequestId: $id) {
  opendoorOfferRequestId offerStatus denialInfo { code } handoverAt authenticatedDashboardUrl
  sellDirect { offerStatus denialInfo { code } offerData { netProceeds } }
  cnml { offerStatus offerData { estimatedSalePriceCents upfrontCashCents estimatedAdditionalProceedsCents
    estimatedTotalProceedsCents programFeeCents repairCostCents closingCostCents } } } }"""


def pricing(client: Client, id: str, **headers: str):
    """The request product by product, and the answer."""
    answer = client.graphql(PRICING, {"id": id}, headers=headers)
    return answer.json()["data"]["offerRequestWithProductsPricing"], answer


def evaluation(client: Client, **leaves) -> None:
    """Sets how the evaluation moves on."""
    client.admin("PUT", "/settings", {"progressions": {"opendoor.evaluation": leaves}})


def inbox(client: Client):
    """The workspace's webhooks."""
    return client.admin("GET", "/webhooks")["webhooks"]


def test_an_offer_is_priced_for_every_product(client: Client):
    shown, answer = pricing(client, OFFERED_ID)
    assert (outcome(answer), shown["offerStatus"]) == ("OFFERED", "OFFERED")
    assert shown["sellDirect"]["offerStatus"] == "OFFERED"
    assert shown["cnml"]["offerStatus"] == "ELIGIBLE"
    figures = shown["cnml"]["offerData"]
    total = figures["estimatedTotalProceedsCents"]
    assert figures["upfrontCashCents"] + figures["estimatedAdditionalProceedsCents"] == total
    costs = ("programFeeCents", "repairCostCents", "closingCostCents")
    assert figures["estimatedSalePriceCents"] == total + sum(figures[each] for each in costs)
    record = client.admin("GET", f"/state/opendoor/offerRequests/{OFFERED_ID}")["offerData"]
    kept = record["headlinePriceCents"] - record["feeCostCents"] - record["estimatedClosingCostCents"]
    assert shown["sellDirect"]["offerData"]["netProceeds"] == kept
    assert shown["authenticatedDashboardUrl"] == record["authenticatedDashboardUrl"]


def test_a_pending_and_a_denied_request(client: Client):
    shown, answer = pricing(client, PENDING_ID)
    assert (outcome(answer), shown["sellDirect"]["offerData"], shown["cnml"]["offerData"]) == (
        "PENDING",
        None,
        None,
    )
    denied, answer = pricing(client, PENDING_ID, **{"X-Sandbox-Outcome": "DENIED"})
    assert (outcome(answer), denied["offerStatus"]) == ("DENIED", "DENIED")
    assert denied["denialInfo"] == denied["sellDirect"]["denialInfo"]
    assert denied["cnml"]["offerStatus"] == "INELIGIBLE"
    assert pricing(client, PENDING_ID)[0] == shown, "a forced read stores nothing"


def test_a_denied_request_forced_to_be_denied_keeps_its_reason(client: Client):
    updated(client, PENDING_ID, homeEligibilityCriteriaFireDamage=True)
    shown, _ = pricing(client, PENDING_ID)
    assert pricing(client, PENDING_ID, **{"X-Sandbox-Outcome": "DENIED"})[0] == shown


def test_a_partner_without_cash_now_more_later(client: Client):
    client.admin("PUT", "/settings", {"switches": {"opendoor.cnml": False}})
    shown, _ = pricing(client, OFFERED_ID)
    assert shown["cnml"] is None
    assert shown["sellDirect"]["offerStatus"] == "OFFERED"


def test_an_unknown_request(client: Client):
    shown, answer = pricing(client, "nobody")
    assert shown is None
    assert answer.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


def test_a_read_of_it_counts_as_a_read(client: Client):
    evaluation(client, progression="manual", polls=1)
    updated(client, PENDING_ID, **CONTACTS)
    way = [pricing(client, PENDING_ID)[0]["offerStatus"] for _ in range(3)]
    assert way == ["EVALUATING_REQUEST", "OFFERED", "OFFERED"]


@pytest.mark.parametrize(("answers", "tracked"), [({}, ""), ({"correlationId": "lead-7"}, "lead-7")])
def test_an_offer_is_told(client: Client, answers, tracked):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    with Receiver() as receiver:
        client.admin("PUT", "/settings", {"webhooks": {"opendoor": {"url": receiver.url}}})
        updated(client, PENDING_ID, **CONTACTS, **answers)
        client.admin("POST", "/clock/advance", {"by": "PT5S"})
        (call,) = receiver.wait(1)
    record = client.admin("GET", f"/state/opendoor/offerRequests/{PENDING_ID}")
    assert json.loads(call.body) == {
        "sellerInputId": PENDING_ID,
        "trackingId": tracked,
        "eventType": "State Transition",
        "eventMetadata": {"state": "offer.sent", "offerUrl": record["offerData"]["url"]},
    }
    client.admin("POST", "/clock/advance", {"by": "P8D"})
    assert len(inbox(client)) == 1, "an expiry is not told"


def test_a_denial_is_not_told_and_there_is_no_signature(client: Client):
    updated(client, PENDING_ID, **{**CONTACTS, "sellerEmail": "ada+deny-valuation-too-low@example.com"})
    client.admin("POST", "/clock/advance", {"by": "PT1H"})
    assert inbox(client) == []
    answer = client.call("PUT", "/__admin/settings", json={"webhooks": {"opendoor": {"secret": "s3cret"}}})
    assert (answer.status_code, "no signature" in answer.json()["detail"]) == (422, True)


def test_an_offer_made_by_the_submitting_call_is_told(client: Client):
    evaluation(client, progression="immediate")
    updated(client, PENDING_ID, **CONTACTS)
    (webhook,) = inbox(client)
    assert (webhook["provider"], webhook["record"], webhook["status"]) == ("opendoor", PENDING_ID, "kept")


def test_two_offers_of_one_document_are_told_in_order(client: Client):
    evaluation(client, progression="immediate")
    ids = [PENDING_ID, created(client)]
    field = UPDATE.partition("\n")[2].rpartition("}")[0]
    one, two = (f"{name}: {field.replace('$offerRequestUpdateInput', f'${name}')}" for name in "ab")
    variables = {
        name: {"opendoorOfferRequestId": id, "offerInput": CONTACTS} for name, id in zip("ab", ids, strict=True)
    }
    answer = client.graphql(
        f"mutation($a: OfferRequestUpdateInput!, $b: OfferRequestUpdateInput!) {{ {one} {two} }}", variables
    )
    assert set(answer.json()["data"]) == {"a", "b"}
    assert [each["record"] for each in inbox(client)] == ids


def submitted(client: Client, tag: str) -> None:
    """Submits the pending request for a magic e-mail address, and lets its evaluation end."""
    updated(client, PENDING_ID, **{**CONTACTS, "sellerEmail": f"ada+{tag}@example.com"})
    client.admin("POST", "/clock/advance", {"by": "PT5S"})


def codes(shown):
    """The statuses and reasons of a request: overall, of the direct sale, and the status of CNML."""
    reasons = [(each["denialInfo"] or {}).get("code") for each in (shown, shown["sellDirect"])]
    direct = shown["sellDirect"]["offerStatus"]
    return (shown["offerStatus"], reasons[0]), (direct, reasons[1]), shown["cnml"]["offerStatus"]


@pytest.mark.parametrize(
    ("tag", "overall", "direct", "cnml", "reached"),
    [
        ("deny-cnml-flood-zone", ("OFFERED", None), ("OFFERED", None), "INELIGIBLE", "CNML_DENIED"),
        ("deny-direct-flood-zone", ("OFFERED", None), ("DENIED", "FLOOD_ZONE"), "ELIGIBLE", "SELL_DIRECT_DENIED"),
        (
            "deny-direct-septic-cnml-flood-zone",
            ("DENIED", "SEPTIC"),
            ("DENIED", "SEPTIC"),
            "INELIGIBLE",
            "DENIED",
        ),
        (
            "deny-direct-product-inactive-cnml-flood-zone",
            ("DENIED", "FLOOD_ZONE"),
            ("DENIED", "PRODUCT_INACTIVE"),
            "INELIGIBLE",
            "DENIED",
        ),
        (
            "deny-cnml-flood-zone-direct-septic",
            ("DENIED", "SEPTIC"),
            ("DENIED", "SEPTIC"),
            "INELIGIBLE",
            "DENIED",
        ),
        ("deny-septic", ("DENIED", "SEPTIC"), ("DENIED", "SEPTIC"), "INELIGIBLE", "DENIED"),
    ],
)
def test_the_overall_status_combines_those_of_the_products(client: Client, tag, overall, direct, cnml, reached):
    submitted(client, tag)
    shown, answer = pricing(client, PENDING_ID)
    assert (codes(shown), outcome(answer)) == ((overall, direct, cnml), reached)
    assert [shown["sellDirect"]["offerData"] is None, shown["cnml"]["offerData"] is None] == [
        direct[0] == "DENIED",
        cnml == "INELIGIBLE",
    ]
    assert (shown["authenticatedDashboardUrl"] is None) == (overall[0] == "DENIED")


def test_products_are_denied_when_the_evaluation_ends(client: Client):
    updated(client, PENDING_ID, **{**CONTACTS, "sellerEmail": "ada+deny-direct-flood-zone@example.com"})
    shown, answer = pricing(client, PENDING_ID)
    assert codes(shown) == (("EVALUATING_REQUEST", None), ("EVALUATING_REQUEST", None), "EVALUATING_REQUEST")
    assert outcome(answer) == "EVALUATING_REQUEST"


def test_another_denial_concerns_every_product(client: Client):
    id = created(client, "6 Deny direct septic St")
    updated(client, id, homeEligibilityCriteriaFireDamage=True)
    shown, answer = pricing(client, id)
    assert (codes(shown)[2], outcome(answer)) == ("INELIGIBLE", "DENIED")


def test_a_denial_of_one_product_alone_needs_the_other(client: Client):
    client.admin("PUT", "/settings", {"switches": {"opendoor.cnml": False}})
    submitted(client, "deny-direct-flood-zone")
    shown, answer = pricing(client, PENDING_ID)
    assert (shown["offerStatus"], shown["denialInfo"]["code"], outcome(answer)) == (
        "DENIED",
        "FLOOD_ZONE",
        "DENIED",
    )
    _, forced = pricing(client, OFFERED_ID, **{"X-Sandbox-Outcome": "CNML_DENIED"})
    assert (outcome(forced), forced.headers["X-Sandbox-Trigger"]) == ("OFFERED", "natural")


@pytest.mark.parametrize("forced", ["SELL_DIRECT_DENIED", "CNML_DENIED", "OFFERED", "DENIED", "PENDING"])
@pytest.mark.parametrize("tag", ["deny-direct-other-denial-detail", "deny-cnml-flood-zone", "x"])
def test_a_forced_read_shows_products_in_step(client: Client, forced: str, tag: str):
    submitted(client, tag)
    before, _ = pricing(client, PENDING_ID)
    shown, answer = pricing(client, PENDING_ID, **{"X-Sandbox-Outcome": forced})
    assert outcome(answer) == forced
    priced = {"SELL_DIRECT_DENIED": [False, True], "CNML_DENIED": [True, False], "OFFERED": [True, True]}
    found = [shown[each]["offerData"] is not None for each in ("sellDirect", "cnml")]
    assert found == priced.get(forced, [False, False])
    assert pricing(client, PENDING_ID)[0] == before

"""What the catalogue says about where its outcomes come from, case by case, as the pages and the issues show it."""

import pytest

from catalog_steps import CATALOG

FOUND = {entry["id"]: (entry["evidence"], entry["source"]) for entry in CATALOG}
CREATE, UPDATE = "opendoor.offerRequestCreate", "opendoor.offerRequestUpdate"
SEND, FIND = "ebay.sendOfferToInterestedBuyers", "ebay.findEligibleItems"


@pytest.mark.parametrize(
    "id",
    [f"{CREATE}.MLS_LISTING_STATUS"]
    + [
        f"{UPDATE}.{code}"
        for code in [
            "AGE_RESTRICTED_COMMUNITY",
            "BEFORE_1960",
            "GATED_COMMUNITY",
            "GUARD_GATED_COMMUNITY",
            "NON_BUYBOX_DWELLING_TYPE",
            "SALE_TIMELINE",
            "OTHER_DENIAL_DETAIL",
            "OTHER_DENIAL_GENERAL",
        ]
    ],
)
def test_a_denial_at_a_stage_that_the_guide_does_not_name_is_inferred(id):
    assert FOUND[id][0] == "inferred"
    assert FOUND[id][1].startswith("Opendoor, Denial codes guide: the code")


@pytest.mark.parametrize(
    "id",
    [
        f"{CREATE}.ACTIVE_OFFER",
        f"{CREATE}.FLOOD_ZONE",
        f"{UPDATE}.FIRE_DAMAGE",
        f"{UPDATE}.VALUATION_TOO_LOW",
        "opendoor.offerRequest.MLS_LISTING_STATUS",
    ],
)
def test_a_denial_at_the_stage_of_the_guide_is_documented(id):
    assert FOUND[id] == ("docs", "Opendoor, Denial codes guide")


def test_the_seed_documents_that_denied_is_terminal():
    assert FOUND[f"{UPDATE}.DENIED"][0] == "seed"


@pytest.mark.parametrize("code", ["150006", "150008", "150013"])
def test_the_source_says_what_the_page_of_the_code_does_not(code):
    evidence, source = FOUND[f"{SEND}.{code}"]
    assert evidence == "seed"
    assert "inferred: " in source


@pytest.mark.parametrize("id", [f"{SEND}.150011", f"{FIND}.150003"])
def test_the_status_of_a_category_is_the_contracts(id):
    assert FOUND[id][1].endswith("Error codes; the HTTP status of a category: Negotiation API contract")


@pytest.mark.parametrize("name", ["invalid_json", "unsupported_media_type"])
def test_that_a_mistake_returns_error_2004_is_inferred(name):
    assert FOUND[f"{SEND}.{name}"][0] == "inferred"


@pytest.mark.parametrize(
    ("id", "place"),
    [
        (f"{SEND}.unauthorized", "ebay-sdk-examples#42"),
        (f"{FIND}.forbidden", "hendt/ebay-api#58"),
        ("ebay.unmatched.not_found", "YosefHayim/ebay-mcp#136"),
        ("ebay.token.invalid_grant", "hendt/ebay-api#77"),
        ("ebay.token.invalid_client", "pajaydev/ebay-node-api#81"),
        ("ebay.token.invalid_scope", "ebay-oauth-python-client#9"),
        ("ebay.authorize.invalid_request", "matecsaj/ebay_rest#35"),
        ("estateprime.listOffers.unauthorized", "customer's public notes"),
        ("estateprime.getOffer.forbidden", "customer's public notes"),
        ("estateprime.getOffer.not_found", "customer's public notes"),
        ("estateprime.listOffers.unsupported_media_type", "customer's public notes"),
        ("estateprime.listOffers.rate_limited", "customer's public notes"),
    ],
)
def test_what_people_have_seen_has_the_place(id, place):
    evidence, source = FOUND[id]
    assert evidence == "observed"
    assert place in source


def test_only_what_nobody_has_seen_is_the_sandboxs_own_choice():
    own = {evidence for evidence, source in FOUND.values() if source.startswith("no public page")}
    assert own == {"inferred"}

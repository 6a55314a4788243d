"""eBay, findEligibleItems: pages, filters by marketplace, its errors."""

import pytest

from ebay_calls import body, errors, ids
from running_server import EBAY_FIND, Client, outcome


def listed(page):
    """The listing ids of a page."""
    return [item["listingId"] for item in page["eligibleItems"]]


def test_the_default_page_has_ten(client: Client):
    page = client.ebay("GET", EBAY_FIND).json()
    assert (page["limit"], page["offset"], page["total"], len(listed(page))) == (10, 0, 20, 10)
    assert page["href"] == f"{client.url}{EBAY_FIND}?limit=10&offset=0"
    assert "prev" not in page


def test_following_next_walks_every_page_once(client: Client):
    seen, url = [], f"{EBAY_FIND}?limit=7"
    while url:
        page = client.ebay("GET", url).json()
        seen += listed(page)
        url = page.get("next", "").removeprefix(client.url)
    assert len(seen) == len(set(seen)) == 20


def test_pages_below_the_prefix_stay_there(client: Client):
    page = client.ebay("GET", f"/ebay{EBAY_FIND}?limit=1&offset=1").json()
    assert page["next"] == f"{client.url}/ebay{EBAY_FIND}?limit=1&offset=2"
    assert page["prev"] == f"{client.url}/ebay{EBAY_FIND}?limit=1&offset=0"


def test_a_page_past_the_end_is_empty(client: Client):
    answer = client.ebay("GET", f"{EBAY_FIND}?offset=20")
    assert (answer.status_code, listed(answer.json()), answer.json()["total"]) == (200, [], 20)


@pytest.mark.parametrize(
    ("place", "count"), [(f"EBAY_{place}", 2) for place in ["AU", "CA", "DE", "ES", "FR", "GB", "IT"]]
)
def test_other_marketplaces_have_two_listings(client: Client, place, count):
    page = client.ebay("GET", EBAY_FIND, headers={"X-EBAY-C-MARKETPLACE-ID": place}).json()
    assert page["total"] == count


def test_nothing_to_list_is_204_without_a_body(client: Client):
    answer = client.ebay("GET", EBAY_FIND, headers={"X-EBAY-C-MARKETPLACE-ID": "EBAY_MOTORS_US"})
    assert (answer.status_code, answer.content, outcome(answer)) == (204, b"", "no_content")


def test_a_listing_with_an_open_offer_is_not_eligible_until_it_expires(client: Client):
    assert client.send(body(listingId="110000000003")).status_code == 200
    page = client.ebay("GET", f"{EBAY_FIND}?limit=200").json()
    assert "110000000003" not in listed(page)
    assert page["total"] == 19
    client.admin("POST", "/clock/advance", {"by": "P2D"})
    assert "110000000003" in listed(client.ebay("GET", f"{EBAY_FIND}?limit=200").json())


@pytest.mark.parametrize("limit", ["0", "201", "-1", "ten", "1.5", "", "%2010", "1e1"])
def test_a_limit_out_of_range(client: Client, limit):
    answer = client.ebay("GET", f"{EBAY_FIND}?limit={limit}")
    assert (answer.status_code, errors(answer)) == (400, [(150003, {"minLimit": "1", "maxLimit": "200"})])


@pytest.mark.parametrize("offset", ["-1", "x", "", "9999999999"])
def test_an_offset_that_is_none(client: Client, offset):
    assert ids(client.ebay("GET", f"{EBAY_FIND}?offset={offset}")) == [150004]


def test_all_errors_are_told_together(client: Client):
    answer = client.ebay("GET", f"{EBAY_FIND}?offset=-1&limit=0", headers={"X-EBAY-C-MARKETPLACE-ID": None})
    assert ids(answer) == [150001, 150003, 150004]


def test_head_answers_like_get_without_a_body(client: Client):
    got, head = (client.ebay(method, EBAY_FIND) for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(got.content))


def test_a_forced_state_stores_nothing(client: Client):
    before = client.world()
    answer = client.ebay("GET", EBAY_FIND, headers={"X-Sandbox-Outcome": "no_content"})
    assert (answer.status_code, answer.headers["X-Sandbox-Trigger"]) == (204, "header")
    full = client.ebay(
        "GET", EBAY_FIND, headers={"X-Sandbox-Outcome": "success", "X-EBAY-C-MARKETPLACE-ID": "EBAY_MOTORS_US"}
    )
    assert (full.status_code, full.json()["total"]) == (200, 0)
    assert client.world() == before

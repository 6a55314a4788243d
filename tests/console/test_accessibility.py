"""Axe finds nothing serious on the pages of the console, at both widths and in both colour schemes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from running_server import Client

UI = "/__admin/ui"
BEARER = {"Authorization": "Bearer x"}
VIEWS = [
    "/",
    "/calls",
    "/calls?q=status:abc",
    "/outcomes",
    "/outcomes/ebay.sendOfferToInterestedBuyers.150011",
    "/records",
    "/records/sibi/offers",
    "/records/sibi/offers/offer-123",
    "/clock",
    "/scenarios",
    "/scenarios/sibi-slow",
    "/webhooks",
    "/settings",
    "/coverage",
    "/coverage?kinds=infrastructure",
    "/presenter",
    "/presenter/demo/sibi/1",
    "/identify",
    "/nobody",
]


@pytest.fixture(autouse=True)
def _used(client: Client) -> None:
    """The workspace has a call, a refusal, a rule and an event, and its clock is frozen."""
    client.call("GET", "/sibi/offers/offer-123", headers=BEARER)
    client.call("GET", "/sibi/offers/nobody", headers=BEARER)
    client.admin("POST", "/rules", {"operation": "sibi.getOffer", "status": 500})
    client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123"})
    client.admin("PUT", "/clock", {"mode": "frozen"})


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_no_page_has_a_serious_fault(page: Page, client: Client, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    found = {}
    for path in [*VIEWS, *_pages_of_items(client)]:
        page.goto(f"{client.url}{UI}{path}{'&' if '?' in path else '?'}workspace={client.workspace}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is too wide"
        violations = Axe().run(page).response["violations"]
        serious = [each for each in violations if each["impact"] in ("serious", "critical")]
        if serious:
            found[path] = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in serious]
    assert found == {}


def _pages_of_items(client: Client) -> list[str]:
    [call, _] = client.admin("GET", "/requests")["requests"]
    [event] = client.admin("GET", "/webhooks")["webhooks"]
    return [f"/calls/{call['id']}", f"/webhooks/{event['id']}"]

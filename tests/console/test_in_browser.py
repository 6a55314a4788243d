"""The API reference and the query page in a real browser, by what a person does with them."""

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from offer_sandbox.providers import providers
from running_server import Client, Server

REFERENCE = "/__admin/ui/reference"
DOCUMENTS = providers()["opendoor"].operations


def tried(page: Page, client: Client, name: str, operation: str, **fields: str) -> Locator:
    """The block of an operation in the reference, after its example was sent. `body` replaces the example's,
    `outcome` is asked for."""
    page.goto(f"{client.url}{REFERENCE}/{name}?workspace={client.workspace}")
    if outcome := fields.get("outcome"):
        page.get_by_label("Outcome").fill(outcome)
    block = page.locator(f"[id$='-{operation}']")
    block.locator(".opblock-summary-control").click()
    if body := fields.get("body"):
        block.locator("textarea").first.fill(body)
    block.get_by_role("button", name="Execute").click()
    expect(block.locator(".live-responses-table .response-col_status").last).to_contain_text("0")
    return block


def journal(client: Client) -> dict:
    """The only call of the workspace, from its journal."""
    [entry] = client.admin("GET", "/requests")["requests"]
    return client.admin("GET", f"/requests/{entry['id']}")


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        ("covent", "createOffer"),
        ("ebay", "findEligibleItems"),
        ("ebay", "sendOfferToInterestedBuyers"),
        ("sibi", "createOffer"),
        ("sibi", "getOffer"),
        ("estateprime", "getOffer"),
        ("opendoor", "graphql"),
    ],
)
def test_an_operation_is_tried_with_its_example_and_the_workspaces_credential(page, client, name, operation):
    tried(page, client, name, operation)
    entry = journal(client)
    assert entry["provider"] == name
    assert entry["response"]["status"] in (200, 201)


def test_a_get_with_a_body_is_sent_by_the_server(page, client):
    """A browser refuses to send it. The command that the page shows is the provider's own call."""
    body = '{"status": "accepted", "store_id": 1}'
    block = tried(page, client, "estateprime", "listOffers", body=body)
    assert "/api/offers" in block.locator(".curl-command").inner_text()
    sent = journal(client)["request"]
    assert (sent["method"], sent["body"]) == ("GET", body)


def test_an_outcome_is_forced_from_the_page(page, client):
    block = tried(page, client, "ebay", "sendOfferToInterestedBuyers", outcome="150011")
    expect(block.locator(".live-responses-table")).to_contain_text("The listing for this offer has ended.")
    assert journal(client)["response"]["status"] == 409


def test_a_call_of_the_control_api_concerns_the_workspace_of_the_page(page, client):
    client.call("GET", "/offers/offer-123", headers={"Authorization": "Bearer x"})
    block = tried(page, client, "admin", "listRequests")
    expect(block.locator(".live-responses-table")).to_contain_text("sibi.getOffer")
    block = tried(page, client, "admin", "reset", body='{"scope": ["journal"]}')
    expect(block.locator(".live-responses-table")).to_contain_text(f'"workspace": "{client.workspace}"')
    assert client.admin("GET", "/requests")["requests"] == []


def test_a_server_with_a_token_asks_for_it(tab):
    server = Server("--admin-token", "secret-of-the-test")
    try:
        tab.goto(f"{server.url}{REFERENCE}/sibi?workspace=abc")
        tab.get_by_label("Admin token").fill("secret-of-the-test")
        tab.get_by_role("button", name="Log in").click()
        expect(tab.locator(".opblock").first).to_be_visible()
        with requests.Session() as session:
            session.headers["Authorization"] = "Bearer secret-of-the-test"
            own = Client(server.url, "abc", session)
            tried(tab, own, "estateprime", "listOffers", body='{"store_id": 1}')
            assert journal(own)["response"]["status"] == 200
    finally:
        server.stop()


def test_calls_go_to_the_server_of_the_page_whatever_its_public_url_is(tab):
    server = Server("--public-url", "https://sandbox.example")
    try:
        with requests.Session() as session:
            own = Client(server.url, "abc", session)
            tried(tab, own, "sibi", "getOffer")
            assert journal(own)["response"]["status"] == 200
    finally:
        server.stop()


def opened(page: Page, client: Client) -> None:
    """Opens the query page with the workspace's credential."""
    page.goto(f"{client.url}/graphql")
    page.get_by_label("Authorization").fill(f"Basic sbx_{client.workspace}")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_documented_query_is_ready(page, client, name):
    opened(page, client)
    page.get_by_label("Document").select_option(label=name)
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("status")).to_contain_text(f"200 OK; outcome: opendoor.{name}.PENDING")
    assert name in page.locator("#response").inner_text()


def test_a_denial_is_asked_for_and_shown(page, client):
    opened(page, client)
    page.get_by_label("Outcome").fill("FLOOD_ZONE")
    page.get_by_label("Variables").press("Control+Enter")
    expect(page.get_by_role("status")).to_contain_text("trigger: header")
    expect(page.locator("#response")).to_contain_text('"offerStatus": "DENIED"')


def test_what_is_wrong_is_said_on_the_page(page, client):
    opened(page, client)
    page.get_by_label("Variables").fill("{")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("status")).to_contain_text("The variables are not JSON")
    page.get_by_label("Variables").fill("")
    page.get_by_label("Query", exact=True).fill("{ unknownField }")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#response")).to_contain_text("Cannot query field")
    page.get_by_label("Authorization").fill("")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("status")).to_contain_text("401 Unauthorized")


def test_the_schema_is_searched(page, client):
    opened(page, client)
    page.get_by_label("Find").fill("deniedAt")
    expect(page.locator("details:visible summary b")).to_have_text(["DenialInfo"])
    expect(page.locator("details:visible")).to_contain_text("deniedAt: String")
    page.get_by_label("Find").fill("")
    assert page.locator("details:visible").count() > 20

"""Sibi's page behind `customerOfferLink`: what the customer and the curator can do there, with real calls."""

import json
from urllib.parse import urlsplit

import pytest
import requests

from chromium import browser_page
from running_server import Client, Server, outcome
from sibi_calls import advance, assert_consistent, create, read

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def made(client: Client, **changes) -> tuple[str, str]:
    """The id of a new offer, and its link."""
    answer = create(client, **changes).json()
    return answer["id"], answer["customerOfferLink"]


def awaited(client: Client, **changes) -> tuple[str, str]:
    """A new offer that awaits the customer."""
    id, link = made(client, **changes)
    advance(client, "PT6S")
    return id, link


def answered(link: str, **form: str) -> requests.Response:
    return requests.post(link, data=form, timeout=30)


def topics(client: Client) -> list[tuple[str, str]]:
    bodies = [json.loads(each["request"]["body"]) for each in client.admin("GET", "/webhooks")["webhooks"]]
    return [(body["topic"], body["data"]["status"]) for body in bodies]


def test_the_link_needs_no_credential_and_shows_the_choices(client: Client):
    id, link = awaited(client, buyoutAmount=31_000)
    assert link.startswith(f"{client.url}/offers/customer/page/sbx_{client.workspace}.customer-")
    page = requests.get(link, timeout=30)
    assert (page.status_code, outcome(page)) == (200, "success")
    assert "X-Sandbox-Notice" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert page.text.count('type="radio"') == len(read(client, id).json()["offerings"])
    assert "Take $310.00 instead" in page.text


@pytest.mark.parametrize("option", [0, 1, 2])
def test_an_order_is_for_what_was_chosen(client: Client, option):
    id, link = awaited(client)
    addon = requests.get(link, timeout=30).text.partition('name="addon1" value="')[2].partition('"')[0]
    page = answered(link, action="order", option=str(option), addon1=addon)
    assert (page.status_code, "The order is placed." in page.text) == (200, True)
    offer = read(client, id).json()
    assert (offer["status"], offer["acceptedByRole"]) == ("order_placed", "customer")
    assert offer["selectedOffering"][0]["customerSelectedAddons"] == [{"addonId": addon}]
    products = [each["productId"] for each in offer["selectedOffering"]]
    assert products == [each["productId"] for each in offer["offerings"][option]["products"]]
    assert_consistent(offer)
    assert topics(client)[-2:] == [("offer.updated", "order_placed"), ("order.created", "placed")]


def test_the_price_of_the_page_is_what_the_customer_pays(client: Client):
    id, link = awaited(client)
    shown = requests.get(link, timeout=30).text
    answered(link, action="order", option="1")
    assert f"${read(client, id).json()['customerSpendCents'] / 100:,.2f}" in shown


@pytest.mark.parametrize(("action", "status"), [("buyout", "buyout_accepted"), ("decline", "canceled")])
@pytest.mark.parametrize("role", ["customer", "curator"])
def test_a_buyout_is_taken_or_the_offer_declined(client: Client, action, status, role):
    id, link = awaited(client, buyoutAmount=31_000)
    assert answered(link, action=action, role=role).status_code == 200
    offer = read(client, id).json()
    assert (offer["status"], offer["acceptedByRole"]) == (status, role if action == "buyout" else None)
    assert_consistent(offer)
    assert topics(client)[-1] == ("offer.updated", status)
    again = answered(link, action=action)
    assert (again.status_code, again.json()["code"]) == (409, "INVALID_OFFER_STATUS")


def test_a_curator_sends_an_offer_that_was_not_sent_and_it_expires(client: Client):
    id, link = made(client, sendOfferImmediately=False)
    advance(client, "PT6S")
    assert read(client, id).json()["status"] == "pending"
    assert "Send to the customer" not in requests.get(link, timeout=30).text
    assert "Send to the customer" in requests.get(f"{link}?role=curator", timeout=30).text
    assert answered(link, action="send", role="curator").status_code == 200
    offer = read(client, id).json()
    assert offer["status"] == "awaiting_customer"
    assert offer["offerSentAt"] is not None
    assert advance(client, "P30D") == ["expired"]


def test_a_curator_orders_on_the_customers_behalf(client: Client):
    id, link = awaited(client)
    answered(link, action="order", role="curator")
    assert read(client, id).json()["acceptedByRole"] == "curator"


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({}, 400, "VALIDATION_ERROR"),
        ({"action": "burn"}, 400, "VALIDATION_ERROR"),
        ({"action": "order", "option": "9"}, 400, "VALIDATION_ERROR"),
        ({"action": "order", "option": "-1"}, 400, "VALIDATION_ERROR"),
        ({"action": "order", "addon1": "addon-of-another"}, 400, "VALIDATION_ERROR"),
        ({"action": "order", "role": "nobody"}, 400, "VALIDATION_ERROR"),
        ({"action": "buyout"}, 409, "INVALID_OFFER_STATUS"),
        ({"action": "send", "role": "curator"}, 409, "INVALID_OFFER_STATUS"),
    ],
)
def test_what_cannot_be_done_changes_nothing(client: Client, form, status, code):
    _, link = awaited(client, buyoutAmount=...)
    before = client.world("sibi")
    refused = answered(link, **form)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert client.world("sibi") == before


def test_a_body_that_is_no_form_is_refused(client: Client):
    _, link = awaited(client)
    for data, headers in ((b'{"action": "order"}', {"Content-Type": "application/json"}), (b"\xff", FORM)):
        refused = requests.post(link, data=data, headers=headers, timeout=30)
        assert refused.status_code in (400, 415)


@pytest.mark.parametrize("path", ["", "/prod", "/sibi"])
def test_the_link_is_below_the_path_of_the_creation(client: Client, path):
    body = {"Authorization": f"Bearer sbx_{client.workspace}"}
    listed = client.state("sibi/offers")
    assert listed
    from offer_sandbox.providers.sibi.samples import CREATE_OFFER

    answer = requests.post(f"{client.url}{path}/offers", json=CREATE_OFFER, headers=body, timeout=30).json()
    assert requests.get(answer["customerOfferLink"], timeout=30).status_code == 200


@pytest.mark.parametrize("link", ["sbx_{name}.customer-" + "x" * 32, "sbx_{name}", "anything", "%3Cb%3E"])
def test_an_unknown_link_is_refused(client: Client, link):
    url = f"{client.url}/offers/customer/page/{link.format(name=client.workspace)}"
    for answer in (requests.get(url, timeout=30), answered(url, action="order")):
        assert (answer.status_code, answer.json()["code"]) == (404, "LINK_NOT_FOUND")


def test_the_id_of_an_offer_is_a_link_in_an_open_workspace(client: Client):
    page = requests.get(
        f"{client.url}/offers/customer/page/sbx_{client.workspace}.offer-awaiting-customer", timeout=30
    )
    assert (page.status_code, "X-Sandbox-Notice" in page.headers) == (200, False)


def test_links_are_secrets_in_a_keyed_workspace(session):
    server = Server("--auth", "keys", "--admin-token", "operator")
    admin = {"Authorization": "Bearer operator"}
    keys = [
        requests.post(f"{server.url}/__admin/workspaces", json={"name": name}, headers=admin, timeout=30).json()[
            "key"
        ]
        for name in ("one", "two")
    ]
    links = []
    for key in keys:
        own = Client(server.url, key.partition(".")[0].removeprefix("sbx_"), session)
        headers = {"Authorization": f"Bearer {key}"}
        links.append(create_with(own, headers)["customerOfferLink"])
    assert links[0].rpartition(".")[2] != links[1].rpartition(".")[2]
    assert [requests.get(link, timeout=30).status_code for link in links] == [200, 200]
    named = f"{server.url}/offers/customer/page/sbx_one.offer-awaiting-customer"
    assert requests.get(named, timeout=30).status_code == 401, "an id is no secret"
    foreign = links[0].replace("sbx_one", "sbx_two")
    assert requests.get(foreign, timeout=30).status_code == 401
    journal = requests.get(
        f"{server.url}/__admin/requests", headers={**admin, "X-Sandbox-Workspace": "one"}, timeout=30
    )
    assert links[0].rpartition("-")[2] not in journal.text
    requests.post(f"{server.url}/__admin/workspaces/one/key", headers=admin, timeout=30)
    assert requests.get(links[0], timeout=30).status_code == 401, "a link ends with its key"
    assert server.stop() == 0


def create_with(client: Client, headers: dict[str, str]) -> dict:
    from offer_sandbox.providers.sibi.samples import CREATE_OFFER

    return requests.post(f"{client.url}/offers", json=CREATE_OFFER, headers=headers, timeout=30).json()


def test_text_of_an_offer_is_no_markup(client: Client):
    _, link = awaited(
        client,
        customer={"firstName": "<b>", "lastName": "&", "email": "a@b.example", "phone": "+1 (813) 555-0140"},
    )
    assert "&lt;b&gt;" in requests.get(link, timeout=30).text


def test_links_survive_a_snapshot(client: Client):
    _, link = awaited(client)
    client.admin("PUT", "/snapshot", client.admin("GET", "/snapshot"))
    assert requests.get(link, timeout=30).status_code == 200
    client.admin("POST", "/reset")
    assert requests.get(link, timeout=30).status_code == 404


def test_a_browser_orders_with_an_add_on(client: Client):
    id, link = awaited(client)
    with browser_page() as page:
        page.goto(link)
        assert page.title() == "Your replacement offer - Offer Sandbox for Sibi"
        page.locator('input[name="option"]').nth(1).check()
        page.locator('input[name="addon1"]').check()
        page.get_by_role("button", name="Order").click()
        assert page.locator("#told").inner_text() == "The order is placed."
        assert page.locator("#status").inner_text() == "order_placed"
        assert urlsplit(page.url).path == urlsplit(link).path
    assert read(client, id).json()["selectedOffering"][0]["customerSelectedAddons"]


def test_only_a_curator_sends_an_offer(client: Client):
    id, link = made(client, sendOfferImmediately=False, includeUpsells=False)
    refused = answered(link, action="send")
    assert (refused.status_code, refused.json()["details"][0]["field"]) == (400, "role")
    assert client.admin("GET", f"/state/sibi/offers/{id}")["status"] == "pending"
    sent = answered(f"{link}?role=curator", action="send")
    assert (sent.status_code, "The offer is sent" in sent.text) == (200, True)


def test_a_wrong_add_on_is_named_by_its_own_field(client: Client):
    _, link = awaited(client)
    refused = answered(link, action="order", addon2="addon-of-another")
    assert [each["field"] for each in refused.json()["details"]] == ["addon2"]

"""What people do with the console, in a real browser."""

import re
import socket

import pytest
import requests
from playwright.sync_api import Page, expect

from running_server import Client, Server, until

UI = "/__admin/ui"
BEARER = {"Authorization": "Bearer x"}
OFFER = {
    "listing_id": "lst_124",
    "individual_id": "ind_123",
    "amount": 350000,
    "terms": {"inspection_period_days": 7, "close_of_escrow_days": 14},
    "notes": "none",
}


@pytest.fixture(autouse=True)
def _workspace(client: Client) -> None:
    """The workspace of the test exists."""
    client.admin("GET", "/clock")


def opened(page: Page, client: Client, path: str = "/") -> None:
    page.goto(f"{client.url}{UI}{path}{'&' if '?' in path else '?'}workspace={client.workspace}")


def create_offer(client: Client) -> dict:
    return client.call("POST", "/covent/api/v1/offers", json=OFFER, headers=BEARER).json()


def result(page: Page):
    """The place where an action shows its result."""
    return page.locator("#message")


def test_the_first_call_lights_up(page, client):
    opened(page, client)
    expect(page.locator("#last-calls pre")).to_contain_text(f"curl {client.url}/offers/offer-123")
    client.call("GET", "/offers/offer-123", headers=BEARER)
    row = page.locator("#last-calls tbody tr")
    expect(row).to_contain_text("sibi.getOffer")
    expect(row).to_have_class("arrived")
    expect(page).to_have_title(re.compile("^200 pending - Overview"))


def test_an_outcome_is_armed_with_two_clicks_and_an_outside_call_appears(page, client):
    opened(page, client)
    page.get_by_role("link", name="Outcomes").click()
    page.wait_for_load_state()
    page.locator("tr[id='covent.createOffer.listing_not_active']").get_by_role("button", name="Arm").click()
    expect(result(page)).to_contain_text("Armed for the next call: covent.createOffer.listing_not_active")
    page.get_by_role("link", name="Calls", exact=True).click()
    create_offer(client)
    create_offer(client)
    rows = page.locator("#list tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.last).to_contain_text("listing_not_active")
    expect(rows.last).to_contain_text("rule")
    expect(rows.first).to_contain_text("success")
    page.get_by_role("link", name="Overview").click()
    expect(page.locator("#rules tbody tr")).to_contain_text("1 of 1")


def test_outcomes_are_filtered_and_armed_until_removed(page, client):
    opened(page, client, "/outcomes")
    page.get_by_label("Provider").select_option("ebay")
    page.get_by_label("Arm for").select_option("")
    page.get_by_label("Search").fill("listing ended")
    page.get_by_label("Search").press("Enter")
    row = page.locator("main tbody tr")
    expect(row).to_have_count(1)
    row.get_by_role("button", name="Arm").click()
    expect(result(page)).to_contain_text("Armed for every call")
    [rule] = client.admin("GET", "/rules")["rules"]
    assert (rule["outcome"], rule.get("times")) == ("150011", None)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        ("ebay.sendOfferToInterestedBuyers.150011", 409),
        ("opendoor.offerRequest.FLOOD_ZONE", 200),
        ("estateprime.listOffers.rate_limited", 429),
        ("covent.getOffer.expired", 200),
        ("sibi.unmatched.not_found", 404),
    ],
)
def test_an_outcome_is_tried(page, client, outcome, status):
    opened(page, client, f"/outcomes/{outcome}")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("heading", name="Explanation")).to_be_visible()
    expect(page.locator("h1")).to_contain_text(str(status))
    expect(page.get_by_label("Explanation")).to_contain_text(outcome)


def test_a_scenario_is_started_and_an_offer_expires(page, client):
    opened(page, client, "/scenarios")
    row = page.locator("#scenario-covent-expiry")
    row.get_by_role("button", name="Start").click()
    expect(row).to_contain_text("running")
    expect(page.locator("#clock-notice")).to_contain_text("The clock is frozen at 2026-04-17 19:45:00 UTC")
    offer = create_offer(client)
    client.call(
        "PATCH",
        f"/covent/api/v1/offers/{offer['id']}",
        json={"expires_at": "2026-04-19T19:45:00Z"},
        headers=BEARER,
    )
    opened(page, client, f"/records/covent/offers/{offer['id']}")
    status = page.locator("#status")
    expect(status).to_contain_text("Status submitted. Becomes expired at 2026-04-19 19:45:00 UTC")
    page.get_by_role("button", name="Make due").click()
    expect(result(page)).to_contain_text(f"covent.offers {offer['id']}: submitted -> expired")
    expect(status).to_contain_text("Status expired")
    expect(status.locator("g.present text")).to_have_text("expired")
    opened(page, client, "/scenarios/covent-expiry")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Start")).to_be_visible()


def test_a_buyer_accepts_at_the_click_of_a_button(page, client):
    first = client.send().json()["offers"][0]["offerId"]
    opened(page, client, f"/records/ebay/offers/{first}")
    buttons = page.locator("#status button")
    expect(buttons).to_have_text(["Make due", "Make ACCEPTED", "Make DECLINED", "Make CANCELLED", "Make EXPIRED"])
    page.get_by_role("button", name="Make ACCEPTED").click()
    expect(result(page)).to_contain_text(f"ebay.offers {first}: PENDING -> ACCEPTED")
    expect(page.locator("#status")).to_contain_text("Status ACCEPTED. Time alone does not change it.")
    expect(buttons).to_have_count(0)
    opened(page, client, "/records/ebay/listings/110000000001")
    expect(page.locator("#document")).to_have_value(re.compile('"quantity": 9'))


def test_the_clock_is_moved_and_lists_what_happens(page, client):
    client.call("GET", "/sibi/offers/offer-123", headers=BEARER)
    opened(page, client, "/clock")
    expect(page.locator("#upcoming tbody tr").first).to_contain_text("sibi.offers")
    page.get_by_role("button", name="+7 days").click()
    expect(result(page)).to_contain_text("sibi.offers")
    expect(page.locator("#clock-notice")).to_contain_text("7 days")
    page.get_by_label("Duration").fill("soon")
    page.get_by_role("button", name="Advance").click()
    expect(result(page)).to_contain_text("'soon' is not an ISO 8601 duration")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("#clock-notice")).to_be_empty()


def test_it_is_found_why_a_call_was_refused_and_the_call_is_sent_again(page, client):
    client.call("POST", "/covent/api/v1/offers", json={**OFFER, "amount": -1}, headers=BEARER)
    create_offer(client)
    opened(page, client, "/calls")
    page.get_by_label("Search").fill("status:422 amount")
    page.get_by_label("Search").press("Enter")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    page.get_by_role("link", name="covent.createOffer").click()
    page.wait_for_load_state()
    expect(page.get_by_label("Explanation")).to_contain_text("body.amount")
    before = page.url
    page.get_by_role("button", name="Send again").click()
    page.wait_for_url(lambda url: url != before)
    expect(page.get_by_label("Explanation")).to_contain_text("body.amount")
    assert len(client.admin("GET", "/requests?status=422")["requests"]) == 2


def test_a_call_is_copied_in_three_forms(page, client):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    id = create_offer(client)["id"]
    entry = client.admin("GET", "/requests")["requests"][0]
    opened(page, client, f"/calls/{entry['id']}")
    for label, beginning in (("curl", "curl -sS"), ("pytest", '"""Repeats a call'), ("HAR", '{"log":')):
        page.get_by_role("button", name=f"Copy as {label}").click()
        until(lambda start=beginning: page.evaluate("navigator.clipboard.readText()").startswith(start))
    expect(page.get_by_label("State")).to_contain_text(id)


def test_a_record_is_edited_with_validation_and_deleted(page, client):
    client.call("GET", "/sibi/offers/offer-123", headers=BEARER)
    opened(page, client, "/records/sibi/offers/offer-123")
    text = page.get_by_label("JSON")
    text.fill(text.input_value().replace('"pending"', '"nonsense"', 1))
    page.get_by_role("button", name="Save").click()
    expect(result(page)).to_contain_text("422")
    text.fill(text.input_value().replace('"nonsense"', '"canceled"', 1))
    page.get_by_role("button", name="Save").click()
    expect(result(page)).to_contain_text("The record is saved.")
    expect(page.locator("#status")).to_contain_text("Status canceled")
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("h1")).to_have_text("sibi.offers")
    assert client.call("GET", "/sibi/offers/offer-123", headers=BEARER).status_code == 404


def test_a_long_record_is_edited_as_a_whole(page, client):
    client.admin("PATCH", "/state/sibi/offers/offer-123", {"customerName": "x" * 50_000})
    opened(page, client, "/records/sibi/offers/offer-123")
    page.get_by_label("JSON").fill(page.get_by_label("JSON").input_value().replace('"pending"', '"canceled"', 1))
    page.get_by_role("button", name="Save").click()
    expect(result(page)).to_contain_text("The record is saved.")
    record = client.admin("GET", "/state/sibi/offers/offer-123")
    assert (record["status"], record["customerName"]) == ("canceled", "x" * 50_000)


def test_the_last_action_is_undone(page, client):
    offer = create_offer(client)
    opened(page, client)
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    page.get_by_role("button", name="Reset").click()
    expect(result(page)).to_contain_text("The workspace is reset.")
    assert client.call("GET", f"/covent/api/v1/offers/{offer['id']}", headers=BEARER).status_code == 404
    page.get_by_role("button", name="Undo").click()
    expect(result(page)).to_contain_text("Undone")
    assert client.call("GET", f"/covent/api/v1/offers/{offer['id']}", headers=BEARER).status_code == 200
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()


def test_a_snapshot_is_saved_and_loaded(page, client, tmp_path):
    offer = create_offer(client)
    opened(page, client)
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Save snapshot").click()
    path = tmp_path / "snapshot.json"
    downloading.value.save_as(path)
    client.admin("POST", "/reset")
    page.get_by_label("Load a snapshot").set_input_files(path)
    page.get_by_role("button", name="Load", exact=True).click()
    expect(result(page)).to_contain_text("The snapshot is loaded.")
    assert client.call("GET", f"/covent/api/v1/offers/{offer['id']}", headers=BEARER).status_code == 200


def test_a_scenario_is_uploaded_with_validation(page, client):
    opened(page, client, "/scenarios")
    page.get_by_label("Name").fill("mine")
    page.get_by_label("YAML or JSON").fill("scenario: mine\nrules:\n  - {operation: covent.createOfer}\n")
    page.get_by_role("button", name="Upload").click()
    expect(result(page)).to_contain_text("covent.createOfer")
    page.get_by_label("YAML or JSON").fill(
        "scenario: mine\nrules:\n  - {operation: covent.createOffer, status: 500}\n"
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#scenario-mine")).to_be_visible()


def test_a_setting_is_changed(page, client):
    opened(page, client, "/settings")
    form = page.locator("form", has_text="opendoor.evaluation")
    form.get_by_label("Seconds").fill("60")
    form.get_by_role("button", name="Save").click()
    expect(result(page)).to_contain_text("opendoor.evaluation is changed.")
    page.get_by_label("estateprime.require_json").select_option("false")
    page.locator("form", has_text="estateprime.require_json").get_by_role("button", name="Save").click()
    expect(result(page)).to_contain_text("estateprime.require_json is changed.")
    settings = client.admin("GET", "/settings")
    assert settings["progressions"]["opendoor.evaluation"] == {"progression": "time", "seconds": 60}
    assert settings["switches"]["estateprime.require_json"] is False


def test_a_webhook_is_fired_checked_and_redelivered(page, client):
    client.admin("PUT", "/settings", {"webhooks": {"sibi": {"secret": "whsec"}}})
    opened(page, client, "/webhooks")
    form = page.locator("form", has_text="Sibi API")
    form.get_by_label("Record").fill("offer-nobody")
    form.get_by_role("button", name="Fire").click()
    expect(result(page)).to_contain_text("404")
    form.get_by_label("Record").fill("offer-123")
    form.get_by_role("button", name="Fire").click()
    expect(page.locator("#inbox tbody tr")).to_have_count(1)
    page.locator("#inbox a.row").click()
    page.wait_for_load_state()
    expect(page.get_by_label("Signature")).to_contain_text("valid")
    page.get_by_role("button", name="Redeliver").click()
    expect(result(page)).to_contain_text("The event is sent again.")
    assert len(client.admin("GET", "/webhooks")["webhooks"]) == 2


def test_the_keys(page, client):
    for _ in range(3):
        create_offer(client)
    opened(page, client, "/calls")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#list a.row").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Explanation")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("g")
    page.keyboard.press("u")
    page.wait_for_url("**/outcomes**")
    page.wait_for_load_state()
    page.keyboard.press("/")
    page.keyboard.type("gp?z")  # in a field, these are letters
    expect(page.get_by_label("Search")).to_have_value("gp?z")


def test_a_paused_page_stands_still(page, client):
    opened(page, client, "/calls")
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    create_offer(client)
    until(lambda: client.admin("GET", "/requests")["requests"])
    expect(page.locator("#list tbody tr")).to_have_count(0)
    page.keyboard.press("p")
    expect(page.locator("#list tbody tr")).to_have_count(1)


def test_many_calls_are_paged_and_each_workspace_has_its_own(page, client):
    for _ in range(120):
        client.call("GET", "/sibi/offers/offer-123", headers=BEARER)
    opened(page, client, "/calls")
    expect(page.locator("#list tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Next").click()
    page.get_by_role("link", name="Next").click()
    expect(page.locator("#list tbody tr")).to_have_count(20)
    expect(page.get_by_label("Pages")).to_contain_text("Page 3 of 3 (120 in all)")
    other = f"{client.workspace[:40]}-other"
    client.call("GET", "/sibi/offers/offer-123", headers={**BEARER, "X-Sandbox-Workspace": other})
    opened(page, client, "/calls")
    page.get_by_label("Workspace").select_option(other)
    page.get_by_role("button", name="Switch").click()
    expect(page.locator("#list tbody tr")).to_have_count(1)


def test_a_new_workspace_is_opened(page, client):
    opened(page, client)
    name = f"{client.workspace[:40]}-new"
    page.get_by_label("New workspace").fill(name)
    page.get_by_role("button", name="New workspace").click()
    expect(page.get_by_role("heading", name=f"Workspace {name}")).to_be_visible()


def test_what_does_not_exist_is_said_and_leads_on(page, client):
    for path in (
        "/records/covent/offers/off_nobody",
        "/records/covent/nothing",
        "/calls/0",
        "/presenter/demo/sibi/99",
    ):
        opened(page, client, path)
        expect(page.get_by_role("alert").filter(has_text="404")).to_be_visible()
        expect(page.get_by_role("link", name="Calls", exact=True)).to_be_visible()
    page.goto(f"{client.url}{UI}/?workspace={client.workspace[:40]}-absent")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Last calls")).to_be_visible()


def test_a_large_body_leaves_the_page_usable(page, client):
    client.call("POST", "/covent/api/v1/offers", json={**OFFER, "notes": "x" * 1_000_000}, headers=BEARER)
    [entry] = client.admin("GET", "/requests")["requests"]
    opened(page, client, f"/calls/{entry['id']}")
    assert len(page.locator("main").inner_text()) < 100_000
    expect(page.get_by_label("Explanation")).to_be_visible()


@pytest.fixture
def port() -> int:
    """A port that is free now, for a server that stops and starts again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_stopped_server_is_reported_and_the_page_recovers(tab, port):
    server = Server("--port", str(port))
    tab.goto(f"{server.url}{UI}/calls")
    expect(tab.locator("#list")).to_contain_text("No calls yet")
    server.stop()
    expect(tab.get_by_text("The server does not answer")).to_be_visible()
    server = Server("--port", str(port))
    try:
        expect(tab.get_by_text("The server does not answer")).to_be_hidden()
        requests.get(f"{server.url}/offers/offer-123", headers=BEARER, timeout=30)
        expect(tab.locator("#list tbody tr")).to_have_count(1)
    finally:
        server.stop()


def test_a_demo_is_presented_by_keyboard(page, client):
    opened(page, client, "/presenter")
    page.get_by_label("Covent").get_by_role("link", name="Start").press("Enter")
    expect(page.locator("#played")).to_contain_text("Not played yet")
    page.wait_for_load_state()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#played .line").first).to_contain_text("The offer is submitted")
    page.keyboard.press("ArrowRight")
    expect(page.locator("h2").first).to_contain_text("Step 2 of")
    played = page.locator("#played")
    expect(played).not_to_contain_text("Not played yet")
    text = played.inner_text()
    page.reload()
    assert played.inner_text() == text
    page.keyboard.press("ArrowLeft")
    expect(page.locator("h2").first).to_contain_text("Step 1 of")
    expect(page.locator("#played .line").first).to_contain_text("The offer is submitted")


@pytest.mark.parametrize("provider", ["covent", "ebay", "estateprime", "opendoor", "sibi"])
def test_every_step_of_a_demo_is_as_expected_at_its_own_address(client, provider):
    """Each address works without the ones before it."""
    number, texts = 1, []
    while client.call("GET", f"{UI}/presenter/demo/{provider}/{number}").status_code == 200:
        answer = client.call("POST", f"{UI}/presenter/demo/{provider}/{number}/play")
        assert answer.status_code == 200, answer.text
        assert "banner bad" not in answer.text, answer.text
        texts.append(answer.text)
        number += 1
    assert len(texts) > 20


def test_an_error_is_identified_and_armed(page, client):
    opened(page, client, "/identify")
    line = 'ERROR 409 {"errors": [{"errorId": 150020, "domain": "API_NEGOTIATION", "category": "BUSINESS"}]}'
    page.get_by_label("Response").fill(line)
    page.get_by_role("button", name="Identify").click()
    expect(page.locator("#matches a.row").first).to_have_text("ebay.sendOfferToInterestedBuyers.150020")
    expect(page.locator("#matches")).to_contain_text('outcome="150020"')
    page.locator("#matches").get_by_role("button", name="Arm").first.click()
    expect(result(page)).to_contain_text("Armed for the next call")
    assert client.admin("GET", "/rules")["rules"][0]["outcome"] == "150020"
    page.get_by_label("Response").fill('{"foreign": "</textarea><script>window.marked=1</script>"}')
    page.get_by_role("button", name="Identify").click()
    expect(page.locator("#matches")).to_contain_text("None of these")
    assert page.evaluate("window.marked") is None
    page.get_by_label("Response").fill("x" * 1_000_000)
    page.get_by_role("button", name="Identify").click()
    expect(page.locator("#matches")).to_contain_text("None of these")


def test_the_coverage_shows_what_clients_have_not_met(page, client):
    client.admin("DELETE", "/coverage")
    client.call("GET", "/sibi/offers/offer-123", headers=BEARER)
    opened(page, client, "/coverage")
    panel = page.get_by_role("region", name="sibi.getOffer").first
    expect(panel).to_contain_text("1 of 9 (11.1 %)")
    row = page.locator('[id="sibi.getOffer.expired"]')
    expect(row).to_contain_text("not covered")
    expect(row.get_by_role("button", name="Test line")).to_have_attribute(
        "data-copy", 'offer_sandbox.rules.add("sibi.getOffer", outcome="expired", times=1)'
    )
    client.call("GET", "/sibi/offers/offer-123", headers={**BEARER, "X-Sandbox-Outcome": "expired"})
    expect(row).to_contain_text("header")  # without a reload
    page.get_by_label("Count").select_option("infrastructure")
    page.get_by_role("button", name="Show").click()
    expect(panel).to_contain_text("2 of 14")
    page.get_by_role("button", name="Begin again").click()
    expect(page.locator("#coverage")).to_contain_text("No client has called an operation yet")


def test_undo_never_restores_another_workspace_of_the_same_name(page, client):
    opened(page, client)
    page.get_by_role("button", name="+1 day").click()
    expect(page.get_by_role("button", name="Undo")).to_contain_text("Undo +1 day")
    page.goto("about:blank")  # the page would reload itself when its workspace ends
    client.admin("DELETE", f"/workspaces/{client.workspace}")
    client.admin("GET", "/clock")
    opened(page, client)
    page.wait_for_load_state()
    page.keyboard.press("z")
    expect(result(page)).to_contain_text("There is nothing to undo.")


def test_a_record_that_changed_meanwhile_is_not_overwritten(page, client):
    client.call("GET", "/sibi/offers/offer-123", headers=BEARER)
    opened(page, client, "/records/sibi/offers/offer-123")
    text = page.get_by_label("JSON")
    text.fill(text.input_value().replace('"pending"', '"canceled"', 1))
    client.admin("PATCH", "/state/sibi/offers/offer-123", {"customerName": "Somebody Else"})
    page.get_by_role("button", name="Save").click()
    expect(result(page)).to_contain_text("The record has changed meanwhile.")
    assert client.admin("GET", "/state/sibi/offers/offer-123")["status"] == "pending"


def test_a_forced_call_is_sent_again_without_its_force(page, client):
    client.admin("POST", "/rules", {"operation": "covent.createOffer", "outcome": "rate_limited", "times": 1})
    create_offer(client)
    [entry] = client.admin("GET", "/requests")["requests"]
    for button, outcome in (("Send again", "rate_limited"), ("Send unforced", "success")):
        opened(page, client, f"/calls/{entry['id']}")
        page.get_by_role("button", name=button).click()
        page.wait_for_url(lambda url: entry["id"] not in url)
        expect(page.get_by_label("Explanation")).to_contain_text(f"covent.createOffer.{outcome}")


def test_what_the_client_received_of_a_broken_response_is_said(page, client):
    headers = {**BEARER, "X-Sandbox-Fault": "CONNECTION_RESET_BY_PEER"}
    with pytest.raises(requests.ConnectionError):
        client.call("GET", "/sibi/offers/offer-123", headers=headers)
    [entry] = client.admin("GET", "/requests")["requests"]
    opened(page, client, f"/calls/{entry['id']}")
    expect(page.get_by_label("Response")).to_contain_text("The connection was reset. The client received nothing.")


def test_a_change_that_is_no_call_appears_too(page, client):
    opened(page, client)
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    expect(page.locator("#clock-notice")).to_contain_text("The clock is frozen", timeout=15_000)


def test_an_issued_key_is_shown_once(tab):
    server = Server("--auth", "keys", "--admin-token", "secret-of-the-test")
    try:
        tab.goto(f"{server.url}/__admin/?token=secret-of-the-test")
        tab.wait_for_url("**/ui/**")
        tab.get_by_label("Create a workspace").fill("team1")
        tab.get_by_role("button", name="Create").click()
        expect(result(tab)).to_contain_text("key of team1, shown only once:")
        key = result(tab).locator("li").inner_text()
        answer = requests.get(
            f"{server.url}/offers/offer-123", headers={"Authorization": f"Bearer {key}"}, timeout=30
        )
        assert answer.status_code == 200
    finally:
        server.stop()

"""Everything stored is shown as text: markup in any field of any provider, request or scenario is never run."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from offer_sandbox.providers import providers
from running_server import Client

UI = "/__admin/ui"
MARK = "<script>window.marked=1</script>\"'><img src=x onerror=window.marked=1>"
COLLECTIONS = [(each.name, kind.name, kind.key) for each in providers().values() for kind in each.visible]


def page_text(client: Client, path: str) -> str:
    return client.call("GET", f"{UI}{path}", headers={"Accept": "text/html"}).text


def with_marks(value: Any) -> Iterator[Any]:
    """The value with the mark in place of one text, for each of its texts."""
    if isinstance(value, str):
        yield MARK
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for place, item in items:
        for changed in with_marks(item):
            copy = value.copy()
            copy[place] = changed
            yield copy


def assert_shown_as_text(text: str) -> None:
    assert "<script>window" not in text
    assert "<img src=x" not in text
    assert "&lt;script&gt;window" in text


@pytest.mark.parametrize(("provider", "collection", "key"), COLLECTIONS)
def test_in_every_field_of_a_record(client, provider, collection, key):
    [record, *_] = client.state(f"{provider}/{collection}")
    stored = 0
    for changed in with_marks(record):
        id = quote(str(changed[key]), safe="")
        path = f"/state/{provider}/{collection}/{id}"
        if client.call("PUT", f"/__admin{path}", json=changed).status_code >= 300:
            continue  # the field takes no such text
        stored += 1
        assert_shown_as_text(page_text(client, f"/records/{provider}/{collection}/{id}"))
        assert "<script>window" not in page_text(client, f"/records/{provider}/{collection}")
    assert stored


def test_in_every_part_of_a_call(client):
    body = {"listing_id": MARK, "individual_id": MARK, "amount": MARK, "terms": {MARK: MARK}, "notes": MARK}
    headers = {"Authorization": "Bearer x", "X-Note": MARK, "User-Agent": MARK, "Accept": MARK}
    client.call("POST", "/covent/api/v1/offers", json=body, headers=headers)
    client.call(
        "GET", f"/covent/api/v1/offers/{quote(MARK, safe='')}?{quote(MARK)}={quote(MARK)}", headers=headers
    )
    client.call("GET", f"/nowhere/{quote(MARK, safe='')}", headers=headers)
    client.graphql("{ " + MARK + " }", {"a": MARK}, headers={"Authorization": f"Basic {MARK}"})
    assert "<script>window" not in page_text(client, "/calls")
    for entry in client.admin("GET", "/requests")["requests"]:
        assert_shown_as_text(page_text(client, f"/calls/{entry['id']}"))


def test_in_a_scenario_a_rule_a_setting_and_a_search(client):
    rule = {"operation": "covent.createOffer", "status": 500, "match": {"body.notes": MARK}}
    step = {"call": "covent.createOffer", "note": MARK}
    client.admin("PUT", "/scenarios/mine", {"title": MARK, "rules": [rule], "play": [step]})
    client.admin("POST", "/scenarios/mine/start")
    client.admin("PUT", "/settings", {"webhooks": {"sibi": {"secret": MARK}}})
    paths = ["/", "/scenarios", "/scenarios/mine", "/presenter/scenario/mine/1", "/settings"]
    for path in [*paths, f"/calls?q={quote(MARK)}", f"/outcomes?q={quote(MARK)}", f"/nobody{quote(MARK)}"]:
        assert_shown_as_text(page_text(client, path))
    played = client.call("POST", f"{UI}/presenter/scenario/mine/1/play").text
    assert "<script>window" not in played


def test_nothing_runs_in_a_browser(page, client):
    """The content security policy would stop most of it anyway, so the text itself is looked at."""
    client.call("GET", f"/covent/api/v1/offers/{quote(MARK, safe='')}", headers={"Authorization": "Bearer x"})
    client.admin("PUT", "/scenarios/mine", {"title": MARK, "play": [{"call": "covent.createOffer", "note": MARK}]})
    [entry] = client.admin("GET", "/requests")["requests"]
    for path in ("/", f"/calls/{entry['id']}", "/scenarios", "/presenter/scenario/mine/1"):
        page.goto(f"{client.url}{UI}{path}?workspace={client.workspace}")
        expect(page.locator("main")).to_contain_text("<script>window.marked=1</script>")
        assert page.evaluate("window.marked") is None
        assert page.locator("img").count() == 0

"""A page of a real browser, which asks no other host and reports no mistake."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from chromium import browser_page
from running_server import Client


@pytest.fixture(scope="module")
def tab() -> Iterator[Page]:
    """A page of the browser."""
    with browser_page() as page:
        page.set_default_timeout(20_000)
        yield page


@pytest.fixture
def page(tab: Page, client: Client) -> Iterator[Page]:
    """The same. Afterwards, it has asked no other host and has reported no mistake."""
    hosts: set[str] = set()
    mistakes: list[str] = []

    def note(request) -> None:
        hosts.add(urlsplit(request.url).netloc)

    def complain(message) -> None:
        if message.type == "error" and "the server responded with a status of" not in message.text:
            mistakes.append(message.text)

    tab.on("request", note)
    tab.on("console", complain)
    yield tab
    tab.remove_listener("request", note)
    tab.remove_listener("console", complain)
    assert hosts == {urlsplit(client.url).netloc}
    assert mistakes == []

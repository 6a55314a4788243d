#!/usr/bin/env python3
"""Writes `console-*.png`, the pictures of the console: uses its pages in Chromium, on a real server."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import requests
from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent
SERVE = [sys.executable, "-m", "offer_sandbox", "serve", "--port", "0", "--json", "--log", "off"]
NAMES = ("chromium", "chromium-browser", "google-chrome")
WORKSPACE = {"X-Sandbox-Workspace": "default"}
SELLING = "/sell/negotiation/v1/send_offer_to_interested_buyers"


def use(url: str) -> None:
    """Makes the calls that the pictures show."""
    ebay = {"Authorization": "Bearer sbx_default", "X-EBAY-C-MARKETPLACE-ID": "EBAY_US"}
    bearer = {"Authorization": "Bearer sbx_default"}
    requests.get(f"{url}/offers/offer-123", headers=bearer, timeout=30)
    requests.get(f"{url}/covent/api/v1/offers/off_123", headers={**bearer, "X-Sandbox-Delay": "120"}, timeout=30)
    for listing in ("110000000001", "110000150022"):
        body = {"offeredItems": [{"listingId": listing, "discountPercentage": "10"}]}
        requests.post(f"{url}{SELLING}", json=body, headers=ebay, timeout=30)
    rule = {"operation": "sibi.getOffer", "outcome": "rate_limited", "times": 2}
    requests.post(f"{url}/__admin/rules", json=rule, headers=WORKSPACE, timeout=30)
    requests.get(f"{url}/offers/offer-123", headers=bearer, timeout=30)


def pictures(page: Page, url: str) -> None:
    """Writes the pictures."""
    console = f"{url}/__admin/ui"
    page.goto(f"{console}/")
    picture(page, "overview")
    page.locator("a.row", has_text="ebay.sendOfferToInterestedBuyers").first.click()
    page.get_by_role("heading", name="Explanation").wait_for()
    picture(page, "call")
    page.goto(f"{console}/outcomes?provider=opendoor&kind=denial")
    picture(page, "outcomes")
    page.goto(f"{console}/records/sibi/offers")
    picture(page, "records")
    page.goto(f"{console}/presenter/demo/opendoor/1?workspace=presenter")
    page.get_by_role("button", name="Play").click()
    page.locator("#played .line").first.wait_for()
    picture(page, "presenter")
    page.goto(f"{console}/identify")
    page.get_by_label("Response").fill(
        '2026-11-30 ERROR 409 {"errors": [{"errorId": 150022, "domain": "API_NEGOTIATION", "category": "BUSINESS",'
        ' "message": "Offer is invalid. Maximum allowed offer limit reached."}]}'
    )
    page.get_by_role("button", name="Identify").click()
    page.locator("#matches").wait_for()
    picture(page, "identify")


def picture(page: Page, name: str) -> None:
    """Writes the visible part of the page."""
    page.screenshot(path=FOLDER / f"console-{name}.png")


def main() -> None:
    """Starts a server and a browser, and writes every picture."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    process = subprocess.Popen(SERVE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        use(url)
        with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path) as browser:
            pictures(browser.new_page(viewport={"width": 1280, "height": 800}), url)
    finally:
        process.terminate()
        process.communicate()


if __name__ == "__main__":
    main()

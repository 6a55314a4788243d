"""Java's own HTTP client, which offers an upgrade with every call, works with nothing changed but the address."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from provider_calls import NEGOTIATED
from running_server import Client

SOURCE = Path(__file__).with_name("DefaultClient.java")


def test_a_default_http_client_calls_four_providers(client: Client):
    java = shutil.which("java")
    if java is None:
        pytest.skip("not run: no java on the PATH")
    done = subprocess.run(
        [java, SOURCE, client.url, client.workspace], capture_output=True, text=True, timeout=300, check=True
    )
    rows = [line.split("\t", 3) for line in done.stdout.splitlines()]
    assert [row[:3] for row in rows] == [
        ["covent", "200", "covent.createOffer.success"],
        ["ebay", "200", "ebay.sendOfferToInterestedBuyers.success"],
        ["opendoor", "200", "opendoor.offerRequest.OFFERED"],
        ["estateprime", "200", "estateprime.listOffers.success"],
    ]
    assert json.loads(rows[3][3])["total_results"] == NEGOTIATED, (
        "the filter was read: without its date the page's sample matches more than 127"
    )
    entries = client.admin("GET", "/requests")["requests"]
    assert {entry["request"]["headers"]["upgrade"] for entry in entries} == {"h2c"}

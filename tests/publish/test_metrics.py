"""`/metrics`: every exchange is counted once, under what it was; figures of journal, store and waits."""

import concurrent.futures
import subprocess
import sys

import requests

from metrics_reader import figures
from provider_calls import CALLS, send
from running_server import Client, Server, until


def counted(url: str, **labels: str) -> float:
    """How many exchanges there were with these labels."""
    wanted = [f'{name}="{value}"' for name, value in labels.items()]
    found = figures(url).items()
    return sum(
        value
        for name, value in found
        if name.startswith("offer_sandbox_exchanges_total{") and all(each in name for each in wanted)
    )


def test_every_exchange_is_counted_under_what_it_was(session):
    server = Server()
    client = Client(server.url, "w", session)
    for _ in range(3):
        client.send(headers={"X-Sandbox-Outcome": "150011"})
    client.send(item={"listingId": "110000150011"})
    client.send({"offeredItems": []})
    client.call("GET", "/nobody")
    client.send(headers={"X-Sandbox-Outcome": "unknown"})
    client.admin("GET", "/clock")
    assert counted(server.url) == 7, "control calls are none"
    assert counted(server.url, outcome="150011", trigger="header") == 3
    assert counted(server.url, outcome="150011", trigger="magic") == 1
    assert counted(server.url, outcome="150006", trigger="natural", operation="sendOfferToInterestedBuyers") == 1
    assert counted(server.url, provider="", outcome="") == 1
    assert counted(server.url, provider="ebay", outcome="") == 1
    for provider in CALLS:
        send(server.url, provider, "sbx_w")
        assert counted(server.url, provider=provider) >= 1
    found = figures(server.url)
    buckets = [name for name in found if name.startswith("offer_sandbox_exchange_seconds_bucket")]
    assert sum(found[name] for name in buckets if 'le="+Inf"' in name) == counted(server.url)
    assert found["offer_sandbox_workspaces"] == 1
    assert server.stop() == 0


def test_a_hundred_calls_of_a_new_server_are_all_counted():
    """They wait until the library is loaded, and are counted then."""
    server = Server()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: send(server.url, "sibi", "sbx_w"), range(150)))
    assert counted(server.url) == 150
    assert server.stop() == 0


def test_what_the_journal_drops_and_the_store_fails_at_is_counted(tmp_path, session):
    server = Server("--journal-size", "5", "--data", str(tmp_path))
    client = Client(server.url, "w", session)
    for _ in range(8):
        client.send()
    client.admin("GET", "/requests")
    assert figures(server.url)["offer_sandbox_journal_dropped_total"] == 3
    assert figures(server.url)["offer_sandbox_store_errors_total"] == 0
    assert server.stop() == 0


def test_who_waits_is_counted_while_they_wait():
    server = Server()
    assert figures(server.url)["offer_sandbox_parked"] == 0
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        waits = [
            pool.submit(requests.get, f"{server.url}/__admin/requests/wait?count=1&timeout=60", timeout=90)
            for _ in range(4)
        ]
        until(lambda: figures(server.url)["offer_sandbox_parked"] == 4)
        requests.get(f"{server.url}/nobody", timeout=30)
        assert [each.result().status_code for each in waits] == [200] * 4
    assert figures(server.url)["offer_sandbox_parked"] == 0
    assert server.stop() == 0


def test_it_is_text_that_scrapers_read(server):
    answer = requests.get(f"{server.url}/metrics", timeout=30)
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    opened = requests.get(
        f"{server.url}/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"}, timeout=30
    )
    assert opened.headers["Content-Type"].startswith("application/openmetrics-text")
    assert opened.text.endswith("# EOF\n")


def test_a_start_does_not_load_what_only_scrapers_need():
    code = (
        "import sys; from offer_sandbox.app import create_app; create_app();"
        " print([name for name in ('prometheus_client', 'structlog', 'trustme') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout) == (0, "[]\n")

"""What a server does while its store is in trouble, and after it."""

import requests

from provider_calls import CALLS, send
from running_server import Client, Server, outcome

OTHER = {"offeredItems": [{"listingId": "110000000002", "discountPercentage": "10"}]}


def used(server: Server) -> dict[str, int]:
    """Writes for every provider; how many records each has then."""
    session = requests.Session()
    client = Client(server.url, "w", session)
    for provider in CALLS:
        assert send(server.url, provider, "sbx_w", "write", session).status_code < 300
    return {name: len(client.state(f"{name}/{CALLS[name].collection}")) for name in CALLS}


def in_trouble(server: Server) -> None:
    """Whatever is asked, the answer is 503, and a provider's in its own dialect."""
    writes = [send(server.url, provider, "sbx_w", "write") for provider in ("covent", "opendoor", "sibi")]
    for refused in [*writes, Client(server.url, "w", requests.Session()).send(OTHER)]:
        assert (refused.status_code, outcome(refused)) == (503, "unavailable"), refused.text
        assert "problem+json" not in refused.headers["Content-Type"]
        assert "store" in refused.headers["X-Sandbox-Reason"]
    ready = requests.get(f"{server.url}/health/ready", timeout=30)
    assert (ready.status_code, ready.headers["Content-Type"]) == (503, "application/problem+json")
    assert "/" not in ready.json()["detail"], "anybody may ask, and learns no path"
    control = requests.post(
        f"{server.url}/__admin/rules?workspace=w", json={"operation": "*", "status": 503}, timeout=30
    )
    assert control.status_code == 503
    assert requests.get(f"{server.url}/health", timeout=30).status_code == 200, "the process itself is well"
    assert requests.get(f"{server.url}/metrics", timeout=30).status_code == 200


def well_again(server: Server, before: dict[str, int]) -> None:
    """Everything acknowledged is there, nothing of what was refused, and calls are answered as ever."""
    assert requests.get(f"{server.url}/health/ready", timeout=30).status_code == 200
    client = Client(server.url, "w", requests.Session())
    assert {name: len(client.state(f"{name}/{CALLS[name].collection}")) for name in CALLS} == before
    assert client.admin("GET", "/rules")["rules"] == []
    assert send(server.url, "covent", "sbx_w", "write").status_code == 200

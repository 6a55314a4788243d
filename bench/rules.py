"""What armed rules cost a call: none, many for other operations, many for this one; beside /health in one run."""

import http.client
import json
import statistics
import subprocess
import sys
import time
from typing import Any
from urllib.parse import urlsplit

RUNS = 1_000
FIND = "/sell/negotiation/v1/find_eligible_items"
OTHER = {"operation": "sibi.getOffer", "status": 503}
MISSING = {"operation": "ebay.findEligibleItems", "match": {"query.limit": "no"}, "status": 503}
MATCHING = {"operation": "ebay.findEligibleItems", "skip": 1_000_000, "status": 503}
CASES = (
    ("no rule", OTHER, 0),
    ("1,000 rules of another operation", OTHER, 1_000),
    ("1 rule that does not match", MISSING, 1),
    ("100 rules that do not match", MISSING, 100),
    ("1 rule that is counted and skipped", MATCHING, 1),
    ("100 rules that are counted and skipped", MATCHING, 100),
)


def call(connection: http.client.HTTPConnection, method: str, path: str, workspace: str, body: Any = None) -> None:
    """A call whose answer is read and thrown away."""
    headers = {
        "Authorization": f"Bearer sbx_{workspace}",
        "X-EBAY-C-MARKETPLACE-ID": "EBAY_US",
        "Content-Type": "application/json",
    }
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    connection.getresponse().read()


def median(connection: http.client.HTTPConnection, path: str, workspace: str) -> float:
    """Milliseconds of a GET, median of a thousand."""
    taken = []
    for _ in range(RUNS):
        started = time.perf_counter()
        call(connection, "GET", path, workspace)
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken)


def main() -> None:
    """Starts a server in memory and prints the table."""
    command = [sys.executable, "-m", "offer_sandbox", "serve", "--port", "0", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = urlsplit(json.loads(process.stdout.readline())["url"])
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    unit = median(connection, "/health", "bench")
    print(f"/health {unit:.2f} ms")
    for number, (title, rule, count) in enumerate(CASES):
        workspace = f"bench-{number}"
        for _ in range(count):
            call(connection, "POST", "/__admin/rules", workspace, rule)
        taken = median(connection, FIND, workspace)
        print(f"{title:40} {taken:6.2f} ms  {taken / unit:5.1f} x")
    process.terminate()
    process.wait()


if __name__ == "__main__":
    main()

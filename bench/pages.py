"""How long a page of EstatePrime's list takes with 1,000 and with 100,000 offers, beside /health in one run."""

import json
import statistics
import subprocess
import sys
import time
import urllib.request
from typing import Any

RUNS = 20
KEY = "Basic c2J4X2JlbmNoOnNlY3JldA=="  # sbx_bench:secret
HEADERS = {"Authorization": KEY, "Content-Type": "application/json"}


def call(url: str, method: str, path: str, body: Any = None) -> Any:
    """A call; its JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}{path}", data=data, headers=HEADERS, method=method)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.loads(answer.read())


def median(url: str, path: str, body: Any = None) -> float:
    """Milliseconds of a GET, median of twenty."""
    taken = []
    for _ in range(RUNS):
        started = time.perf_counter()
        call(url, "GET", path, body)
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken)


def offers(count: int, like: Any) -> list[Any]:
    """That many offers like the printed one, spread over stores and days."""
    return [
        {
            **like,
            "id": number,
            "store_id": number % 7,
            "date_created": f"2025-{number % 12 + 1:02d}-{number % 28 + 1:02d} 09:00:00",
        }
        for number in range(1, count + 1)
    ]


def measure(url: str, count: int, like: Any) -> None:
    """Prints the pages' times for a world of that size, in units of /health."""
    started = time.perf_counter()
    call(url, "PUT", "/__admin/state/estateprime/offers", {"offers": offers(count, like)})
    put = time.perf_counter() - started
    unit = median(url, "/health")
    asked = {
        "first page": None,
        "last page": {"page": -(-count // 50)},
        "one store, middle page": {"store_id": 3, "page": max(count // 700, 1)},
        "status, store and dates": {
            "status": "under_negotiation",
            "is_active": True,
            "store_id": 3,
            "date_created": {"min": "2025-03-01 00:00:00", "max": "2025-05-01 00:00:00"},
        },
        "contact": {"contact_id": 23},
    }
    print(f"{count} offers, put in within {put:.1f} s; /health {unit:.2f} ms")
    for name, body in asked.items():
        taken = median(url, "/api/offers", body)
        print(f"  {name}: {taken:.1f} ms, {taken / unit:.1f} times /health")


def main() -> None:
    """Starts a server in memory and measures both sizes."""
    command = [sys.executable, "-m", "offer_sandbox", "serve", "--port", "0", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        like = call(url, "GET", "/api/offers/54")["data"]
        for count in (1_000, 100_000):
            measure(url, count, like)
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()

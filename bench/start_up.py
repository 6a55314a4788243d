"""How long from spawning the server to its first 200, beside a bare Flask application in the same run."""

import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request

RUNS = 10
FIND = "/sell/negotiation/v1/find_eligible_items"
HEADERS = {"Authorization": "Bearer sbx_bench", "X-EBAY-C-MARKETPLACE-ID": "EBAY_US"}
BARE = """
import sys
from flask import Flask
from werkzeug.serving import make_server
app = Flask("bare", static_folder=None)
app.add_url_rule("/<path:path>", view_func=lambda path: {"ok": True}, endpoint="all")
make_server("127.0.0.1", int(sys.argv[1]), app).serve_forever()
"""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def first_200(command: list[str], port: int) -> float:
    """Seconds until the command's server answers the call with 200."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.perf_counter() - started < 30:
            try:
                request = urllib.request.Request(f"http://127.0.0.1:{port}{FIND}", headers=HEADERS)
                with urllib.request.urlopen(request, timeout=5) as answer:
                    if answer.status == 200:
                        return time.perf_counter() - started
            except (OSError, urllib.error.URLError):
                time.sleep(0.002)
        raise SystemExit(f"{command} did not answer")
    finally:
        process.terminate()
        process.wait()


def _spread(seconds: list[float]) -> str:
    low, middle, high = (1000 * each for each in (min(seconds), statistics.median(seconds), max(seconds)))
    return f"median {middle:.0f} ms ({low:.0f} to {high:.0f})"


def main() -> None:
    """Prints medians and their ratio; the two are started in turn, so that the machine's drift hits both."""
    sandbox, bare = [], []
    for _ in range(RUNS):
        port = free_port()
        sandbox.append(first_200([sys.executable, "-m", "offer_sandbox", "serve", "--port", str(port)], port))
        port = free_port()
        bare.append(first_200([sys.executable, "-c", BARE, str(port)], port))
    print(f"offer-sandbox, eBay find: {_spread(sandbox)}")
    print(f"bare Flask application:   {_spread(bare)}")
    ours, floor = statistics.median(sandbox), statistics.median(bare)
    print(f"ratio {ours / floor:.2f} over {RUNS} runs each")


if __name__ == "__main__":
    main()

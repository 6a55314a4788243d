"""How long from spawning the server to its first 200, beside bare Flask applications in the same run."""

import os
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
WERKZEUG = """
import sys
from flask import Flask
from werkzeug.serving import make_server
app = Flask("bare", static_folder=None)
app.add_url_rule("/<path:path>", view_func=lambda path: {"ok": True}, endpoint="all")
make_server("127.0.0.1", int(sys.argv[1]), app).serve_forever()
"""
LISTENER = """
import sys
from flask import Flask
from offer_sandbox.server import server, sockets
from offer_sandbox.server.application import Application
from offer_sandbox.server.waiting import Parking
from offer_sandbox.world.notifier import ChangeNotifier

class Nothing:
    def stands_for(self, host):
        return False

app = Flask("bare", static_folder=None)
app.add_url_rule("/<path:path>", view_func=lambda path: {"ok": True}, endpoint="all")
parking = Parking(ChangeNotifier())
bound = sockets.listen("127.0.0.1", int(sys.argv[1]))
server.run(Application(app, Nothing(), lambda path: True, parking), parking, bound, lambda: None, lambda: None)
"""
SERVERS = {
    "offer-sandbox, eBay find": ("-m", "offer_sandbox", "serve", "--port"),
    "bare Flask on the same listener": ("-c", LISTENER),
    "bare Flask on Werkzeug": ("-c", WERKZEUG),
}


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def first_200(arguments: tuple[str, ...]) -> float:
    """Seconds until the server answers the call with 200. Compiled modules are kept between starts, as they are
    where nobody has asked Python not to."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments, str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    try:
        while time.perf_counter() - started < 30:
            try:
                request = urllib.request.Request(f"http://127.0.0.1:{port}{FIND}", headers=HEADERS)
                with urllib.request.urlopen(request, timeout=5) as answer:
                    if answer.status == 200:
                        return time.perf_counter() - started
            except (OSError, urllib.error.URLError):
                time.sleep(0.002)
        raise SystemExit(f"{arguments[:2]} did not answer")
    finally:
        process.terminate()
        process.wait()


def _spread(seconds: list[float]) -> str:
    low, middle, high = (1000 * each for each in (min(seconds), statistics.median(seconds), max(seconds)))
    return f"median {middle:.0f} ms ({low:.0f} to {high:.0f})"


def main() -> None:
    """Prints medians and their ratios; the servers are started in turn, so that the machine's drift hits all."""
    taken: dict[str, list[float]] = {name: [] for name in SERVERS}
    for arguments in SERVERS.values():
        first_200(arguments)  # the first start of all compiles
    for _ in range(RUNS):
        for name, arguments in SERVERS.items():
            taken[name].append(first_200(arguments))
    ours = statistics.median(next(iter(taken.values())))
    for name, seconds in taken.items():
        print(f"{name:32} {_spread(seconds)}, ratio {ours / statistics.median(seconds):.2f}")


if __name__ == "__main__":
    main()

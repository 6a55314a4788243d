"""A Chromium, where there is one, and a server of pages that are not the sandbox's."""

import contextlib
import os
import shutil
import threading
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import CDPSession, Error, Page, Response, sync_playwright

from webhook_receiver import PATIENCE, eventually

FOREIGN = "evil.example"
OWN = "sandbox.example"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = ["--no-proxy-server", f"--host-resolver-rules=MAP {FOREIGN} 127.0.0.1, MAP {OWN} 127.0.0.1"]


class Tab:
    """Opens one page after another, and knows what servers answered to each: to what it may not read as well."""

    def __init__(self, page: Page, session: CDPSession) -> None:
        self._page = page
        self._session = session
        self._sent: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._statuses: dict[str, list[int]] = defaultdict(list)
        session.on("Network.requestWillBeSent", self._note_request)
        session.on("Network.responseReceivedExtraInfo", self._note_answer)

    def open(self, address: str) -> Response | None:
        """Leaves the page before, and forgets it, for that one."""
        self._catch_up()
        self._sent.clear()
        self._statuses.clear()
        return self._page.goto(address)

    def run(self, script: str, address: str) -> Any:
        """What a function of an address gives inside the page; an error, not a wait without end, without."""
        late = f"new Promise((_, fail) => setTimeout(() => fail(Error('no end')), {PATIENCE * 1000}))"
        return self._page.evaluate(f"address => Promise.race([({script})(address), {late}])", address)

    def answered(self, address: str) -> list[tuple[str, int]]:
        """Methods and statuses of the calls of that address, once there is one; after a redirect an id has two."""
        return eventually(lambda: self._answered(address), bool)

    def _answered(self, address: str) -> list[tuple[str, int]]:
        self._catch_up()
        both = [each for id in list(self._sent) for each in zip(self._sent[id], self._statuses[id], strict=False)]
        return [(method, status) for (method, url), status in both if url == address]

    def _catch_up(self) -> None:
        """What the browser tells arrives while one waits for an answer of its; this one is always given."""
        self._session.send("Network.enable")

    def _note_request(self, event: dict[str, Any]) -> None:
        self._sent[event["requestId"]].append((event["request"]["method"], event["request"]["url"]))

    def _note_answer(self, event: dict[str, Any]) -> None:
        self._statuses[event["requestId"]].append(event["statusCode"])


@contextlib.contextmanager
def chromium() -> Iterator[Tab]:
    """A tab of the browser; for it FOREIGN and OWN are names of the loopback."""
    with browser_page() as page:
        yield Tab(page, page.context.new_cdp_session(page))


@contextlib.contextmanager
def browser_page() -> Iterator[Page]:
    """A page of the browser that CHROMIUM names or the PATH holds."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip(f"no browser: CHROMIUM names none, and none of {', '.join(_NAMES)} is on the PATH")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        except Error as error:  # what some systems install under that name only says where to get it
            pytest.skip(f"{path} does not start: {error.message.splitlines()[0]}")
        with browser, browser.new_context() as context:
            yield context.new_page()


class _Handler(BaseHTTPRequestHandler):
    """`/opaque` is a page without an origin, `/onward?to=` leads elsewhere with method and body, the rest a page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        if self.path == "/opaque":
            self.send_header("Content-Security-Policy", "sandbox allow-scripts allow-forms")
        self._end(b"<!doctype html><link rel=icon href=data:,><title>A foreign page</title><p>Hello")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(307)
        self.send_header("Location", parse_qs(urlsplit(self.path).query)["to"][0])
        self._end(b"")

    def _end(self, body: bytes) -> None:
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing: the tests print nothing."""


@contextlib.contextmanager
def pages() -> Iterator[int]:
    """The port of a server of foreign pages."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()

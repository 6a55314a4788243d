"""A plain HTTP server that receives webhooks for the tests."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE = 20.0
_STEP = 0.02


@dataclass(frozen=True)
class Received:
    """One call as it came: header names as they were written, the raw body."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """Listens on the loopback. Answers the `statuses` in order, then 200; `hang` keeps every call waiting."""

    def __init__(self, *statuses: int, port: int = 0, hang: bool = False) -> None:
        self.calls: list[Received] = []
        self._statuses = list(statuses)
        self._changed = threading.Condition()
        self._released = threading.Event()
        if not hang:
            self._released.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        """What to set as a webhook's target."""
        return f"http://127.0.0.1:{self.port}/hooks?from=sandbox"

    def wait(self, count: int) -> list[Received]:
        """The calls, once there are that many of them."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.calls) >= count, PATIENCE), (
                f"only {len(self.calls)} came"
            )
            return list(self.calls)

    def release(self) -> None:
        """Answers the calls that hang, and further ones at once."""
        self._released.set()

    def close(self) -> None:
        """Stops listening; calls that hang are answered."""
        self.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> "Receiver":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _receive(self, call: Received) -> int:
        with self._changed:
            self.calls.append(call)
            self._changed.notify_all()
            status = self._statuses.pop(0) if self._statuses else 200
        self._released.wait(PATIENCE)
        return status

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver._receive(Received(self.path, dict(self.headers.items()), body))
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing: the tests print nothing."""

        return Handler


def eventually(look: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    """What `look` gives once it is as wanted; for what another thread of the server writes after its answer."""
    never = threading.Event()
    for _ in range(int(PATIENCE / _STEP)):
        found = look()
        if wanted(found):
            return found
        never.wait(_STEP)
    raise AssertionError(f"still {look()!r}")

"""A plain HTTP server in the sandbox's place, for what a client says to it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Said = tuple[str, str, dict[str, str], bytes]


class StandIn:
    """Answers every call with 200 (DELETE: 204), the headers and the JSON given; keeps what was said."""

    def __init__(self, headers: dict[str, str], answer: Any) -> None:
        self.calls: list[Said] = []
        self._headers, self._answer = headers, json.dumps(answer).encode()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "StandIn":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                stand_in.calls.append((self.command, self.path, dict(self.headers.items()), body))
                text = b"" if self.command == "DELETE" else stand_in._answer
                self.send_response(200 if text else 204)
                for name, value in stand_in._headers.items():
                    self.send_header(name, value)
                if text:
                    self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def do_PUT(self) -> None:
                self.do_GET()

            def do_DELETE(self) -> None:
                self.do_GET()

            def log_message(self, *_: Any) -> None:
                """Nothing: the tests print nothing."""

        return Handler

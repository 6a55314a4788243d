"""TLS as a client speaks it over a socket of its own, so that the end of TCP below is seen."""

import socket
import ssl
from urllib.parse import urlsplit


class TlsWire:
    """A connection to a server's `https` URL. Python's own TLS socket tells of a reset as if it were an end."""

    def __init__(self, url: str, ca: str, timeout: float, host: str = "") -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=timeout)
        self._came, self._goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        trusting = ssl.create_default_context(cafile=ca)
        self._tls = trusting.wrap_bio(self._came, self._goes, server_hostname=host or parts.hostname)
        try:
            self._carry(self._tls.do_handshake)
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> "TlsWire":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def sendall(self, text: bytes) -> None:
        """Sends it as one record."""
        self._tls.write(text)
        self._send()

    def spoil(self) -> None:
        """Sends what is no record."""
        self._socket.sendall(b"\xff" * 100)

    def recv(self, most: int) -> bytes:
        """What has come, at least a byte; nothing when the other side has said that there is no more."""
        try:
            return self._carry(lambda: self._tls.read(most)) or b""
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def _carry(self, step):
        """A step of TLS, with the bytes carried to and fro that it asks for."""
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._send()
                came = self._socket.recv(65536)
                if came:
                    self._came.write(came)
                else:
                    self._came.write_eof()
            finally:
                self._send()

    def _send(self) -> None:
        if self._goes.pending:
            self._socket.sendall(self._goes.read())

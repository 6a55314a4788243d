"""A TCP proxy on the loopback, which can hold back what clients send, or end all connections."""

import contextlib
import socket
import threading


class SlowProxy:
    """Forwards connections to a port. `held` keeps what clients send from arriving until it is cleared."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._pass = threading.Event()
        self._pass.set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listening.getsockname()[1])

    def hold(self) -> None:
        """Holds back what clients send from now on."""
        self._pass.clear()

    def release(self) -> None:
        """Forwards it, and everything that follows."""
        self._pass.set()

    def close(self) -> None:
        """Accepts no more connections."""
        self._pass.set()
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                for pair in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._forward, args=pair, daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket, held: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if held:
                    self._pass.wait()
                target.sendall(data)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

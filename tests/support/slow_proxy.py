"""A TCP proxy on the loopback that can hold back what clients send."""

import contextlib
import socket
import threading


class SlowProxy:
    """Forwards connections to a port."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._pass = threading.Event()
        self._pass.set()
        self._sockets = [socket.create_server(("127.0.0.1", 0))]
        self.port = int(self._sockets[0].getsockname()[1])
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def hold(self) -> None:
        """Holds back what clients send from now on."""
        self._pass.clear()

    def release(self) -> None:
        """Forwards it, and everything that follows."""
        self._pass.set()

    def close(self) -> None:
        """Ends all connections."""
        self._pass.set()
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in self._sockets:
            each.close()

    def _start(self, work, *given) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._sockets[0].accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [client, server]
                self._start(self._forward, client, server, True)
                self._start(self._forward, server, client, False)

    def _forward(self, source: socket.socket, target: socket.socket, held: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if held:
                    self._pass.wait()
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)

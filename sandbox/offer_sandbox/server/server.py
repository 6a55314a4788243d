"""Runs uvicorn around the bridge until a signal ends it; knows no request."""

import asyncio
import gc
import signal
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any

import uvicorn

from offer_sandbox.server.asgi import Bridge, WsgiApp
from offer_sandbox.server.gate import Gate
from offer_sandbox.server.protocol import BoundedProtocol
from offer_sandbox.server.waiting import Parking

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_WARM_UP_AFTER = 0.5
_KEEP_ALIVE_SECONDS = 75
_GRACE_SECONDS = 5  # for clients that have begun to send a request; parked answers do not need it


def run(
    app: WsgiApp,
    parking: Parking,
    sockets: list[socket.socket],
    started: Callable[[], None],
    warm_up: Callable[[], None],
    tls: ssl.SSLContext | None = None,
    leash: int | None = None,
    trusted_proxies: Sequence[str] = (),
) -> None:
    """Serves until SIGINT or SIGTERM; what is in flight then is answered first.

    `parking` is where calls wait; `started` is called once connections are accepted; `warm_up` half a second later
    in a thread, to import what the first calls would otherwise wait for. With `tls` HTTPS is served as well.
    A `leash` is a file descriptor that can be read when the server is to end too. `trusted_proxies` are addresses
    and networks whose `X-Forwarded-For` and `X-Forwarded-Proto` replace a client's address and scheme.
    """
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:  # Windows' own cannot watch a socket
        runner.run(_serve(Bridge(app, parking), sockets, started, warm_up, tls, leash, trusted_proxies))


async def _serve(
    bridge: Bridge,
    sockets: list[socket.socket],
    started: Callable[[], None],
    warm_up: Callable[[], None],
    tls: ssl.SSLContext | None,
    leash: int | None,
    trusted_proxies: Sequence[str],
) -> None:
    config = uvicorn.Config(
        bridge,
        loop="asyncio",
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _Server(config, bridge, started, tls)
    if leash is not None:
        asyncio.get_running_loop().add_reader(leash, server.end, leash)
    asyncio.get_running_loop().call_later(_WARM_UP_AFTER, _in_thread, warm_up)
    await server.serve(sockets)


def _in_thread(work: Callable[[], None]) -> None:
    asyncio.get_running_loop().run_in_executor(None, work)


class _Server(uvicorn.Server):
    """uvicorn's server; unlike it, a signal that ended it gracefully is not raised again: the exit code is 0."""

    def __init__(
        self,
        config: uvicorn.Config,
        bridge: Bridge,
        started: Callable[[], None],
        tls: ssl.SSLContext | None,
    ) -> None:
        super().__init__(config)
        self._bridge = bridge
        self._started = started
        self._tls = tls
        self._loop = asyncio.get_running_loop()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])
        protocol = partial(
            BoundedProtocol, self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        # asyncio's own way to accept spins when descriptors run out, and serves one of HTTP and HTTPS on a socket
        gates: list[Any] = [Gate(each, protocol, self._tls) for each in sockets or []]
        self.servers = gates
        gc.collect()
        gc.freeze()  # what is alive now lives for good: later collections need not look at it
        self._started()

    def end(self, leash: int) -> None:
        """Ends as a signal would end it."""
        self._loop.remove_reader(leash)
        self.handle_exit(signal.SIGTERM, None)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._loop.call_soon_threadsafe(self._bridge.close)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        former: dict[int, Any] = {each: signal.signal(each, self.handle_exit) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in former.items():
                signal.signal(each, handler)

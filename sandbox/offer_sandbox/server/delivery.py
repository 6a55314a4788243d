"""Sends an answer as its plan says: whole, in pieces, as an endless feed, or as a connection that breaks."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from offer_sandbox.contract import Delivery
from offer_sandbox.contract.delivery import MAX_DELAY_MS, Fault
from offer_sandbox.server.faults import Headers, broken, pieces
from offer_sandbox.server.waiting import GONE_KEY, Message, Parking

Send = Callable[[Message], Awaitable[None]]
TRANSPORT_KEY = "offer_sandbox.transport"
_HEARTBEAT_SECONDS = 15.0
_MAX_PIECES = 50
_LEAVE_SECONDS = 5.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, no time: closing sends RST


@dataclass(frozen=True)
class ResponseSender:
    """One answer on its way to one client."""

    scope: Message
    send: Send
    parking: Parking

    async def deliver(self, status: int, headers: Headers, payload: bytes, delivery: Delivery) -> None:
        """Carries out what remains of the plan."""
        fault = delivery.fault if delivery.fault and delivery.fault.traits.needs_socket else None
        if delivery.stream is not None:
            await self._feed(status, headers, delivery)
        elif fault is None:
            await self._whole(status, headers, payload)
        elif fault.dribbles:
            await self._dribble(status, headers, payload, fault.milliseconds / 1000)
        else:
            await self._break(fault, status, headers, payload)

    async def _whole(self, status: int, headers: Headers, payload: bytes) -> None:
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": payload})

    async def _dribble(self, status: int, headers: Headers, payload: bytes, seconds: float) -> None:
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        parts = pieces(payload, _MAX_PIECES) or [b""]
        for part in parts:
            if not await self.parking.wait(seconds / len(parts), self.scope):
                return
            await self.send({"type": "http.response.body", "body": part, "more_body": True})
        await self.send({"type": "http.response.body", "body": b""})

    async def _feed(self, status: int, headers: Headers, delivery: Delivery) -> None:
        assert delivery.stream is not None
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        now = asyncio.get_running_loop().time
        last, look = now(), delivery.delay_ms / 1000 or _HEARTBEAT_SECONDS
        with self.parking.streaming(self.scope), self.parking.subscribe(delivery.wake_on) as subscription:
            while not self.parking.closed:
                subscription.notified.clear()
                news = delivery.stream()
                if news == b"":
                    if not await self.parking.wait(look, self.scope, heeding=subscription):
                        return
                    news = delivery.stream()
                if news is None:
                    break
                if news or now() - last >= _HEARTBEAT_SECONDS:
                    last = now()
                    comment = b":\n\n"  # keeps proxies from ending a silent stream
                    await self.send({"type": "http.response.body", "body": news or comment, "more_body": True})
        await self.send({"type": "http.response.body", "body": b""})

    async def _break(self, fault: Fault, status: int, headers: Headers, payload: bytes) -> None:
        """Closes the connection after what the fault lets through; uvicorn sends nothing of its own then."""
        transport: Any = self.scope[TRANSPORT_KEY]
        if fault.type == "HANG":
            await self.parking.wait(MAX_DELAY_MS / 1000, self.scope)
        sent = broken(fault, self.scope["method"], status, headers, payload)
        if sent:
            transport.write(sent)
        if fault.type == "CONNECTION_RESET_BY_PEER":
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            transport.abort()
        else:
            transport.close()
        try:
            await asyncio.wait_for(self.scope[GONE_KEY].wait(), _LEAVE_SECONDS)
        except TimeoutError:  # a client that does not even read what is left
            transport.abort()
            await self.scope[GONE_KEY].wait()

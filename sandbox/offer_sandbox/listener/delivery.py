"""Sends an answer as its plan says: whole, in pieces, as an endless feed, or as a connection that breaks."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from offer_sandbox.contract import Plan
from offer_sandbox.contract.plan import LONGEST_DELAY_MS, Fault
from offer_sandbox.listener.faults import Headers, broken, pieces
from offer_sandbox.listener.parking import Message, Parking, Receive, departure

Send = Callable[[Message], Awaitable[None]]
TRANSPORT_KEY = "offer_sandbox.transport"
_HEARTBEAT_SECONDS = 15.0
_MOST_PIECES = 50
_LEAVE_SECONDS = 5.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, no time: closing sends RST


@dataclass(frozen=True)
class Delivery:
    """One answer on its way to one client."""

    scope: Message
    receive: Receive
    send: Send
    parking: Parking

    async def deliver(self, status: int, headers: Headers, payload: bytes, plan: Plan) -> None:
        """Carries out what remains of the plan."""
        fault = plan.fault if plan.fault and plan.fault.needs_socket else None
        if plan.feed is not None:
            await self._feed(status, headers, plan.feed)
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
        parts = pieces(payload, _MOST_PIECES) or [b""]
        for part in parts:
            if not await self.parking.wait(seconds / len(parts), self.receive):
                return
            await self.send({"type": "http.response.body", "body": part, "more_body": True})
        await self.send({"type": "http.response.body", "body": b""})

    async def _feed(self, status: int, headers: Headers, feed: Callable[[], bytes]) -> None:
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        while not self.parking.closed:
            news = feed()
            if news:
                await self.send({"type": "http.response.body", "body": news, "more_body": True})
            elif not await self.parking.wait(_HEARTBEAT_SECONDS, self.receive, attentive=True):
                return
            else:  # a comment keeps proxies from ending a silent stream
                news = feed() or b":\n\n"
                await self.send({"type": "http.response.body", "body": news, "more_body": True})
        await self.send({"type": "http.response.body", "body": b""})

    async def _break(self, fault: Fault, status: int, headers: Headers, payload: bytes) -> None:
        """Closes the connection after what the fault lets through; uvicorn sends nothing of its own then."""
        transport: Any = self.scope[TRANSPORT_KEY]
        if fault.type == "HANG":
            await self.parking.wait(LONGEST_DELAY_MS / 1000, self.receive)
        sent = broken(fault, self.scope["method"], status, headers, payload)
        if sent:
            transport.write(sent)
        if fault.type == "CONNECTION_RESET_BY_PEER":
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            transport.abort()
        else:
            transport.close()
        await asyncio.wait_for(departure(self.receive), _LEAVE_SECONDS)

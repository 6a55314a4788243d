"""Sends a response that takes time: after a wait, in pieces, as an endless feed or as a broken connection."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offer_sandbox.contract import Delivery
from offer_sandbox.contract.delivery import MAX_DELAY_MS, Fault
from offer_sandbox.server.application import Answer
from offer_sandbox.server.faults import broken, pieces
from offer_sandbox.server.incoming import Incoming
from offer_sandbox.server.waiting import Subscription
from offer_sandbox.server.wire import is_bodiless

if TYPE_CHECKING:
    from offer_sandbox.server.protocol import HttpProtocol
    from offer_sandbox.server.server import Listener

_HEARTBEAT_SECONDS = 15.0
_MAX_PIECES = 50
_LEAVE_SECONDS = 5.0


class NobodyWaits(Exception):
    """The client left before it got its response."""


@dataclass(frozen=True)
class AnswerSender:
    """Sends one response to one client. A response that waits is a task, never a blocked thread."""

    request: Incoming
    connection: "HttpProtocol"
    listener: "Listener"

    async def deliver(self, answer: Answer) -> None:
        """Carries out the delivery of a response, with every further call that it requires.

        A postponed call is made even if its client has left, because the client has sent it. Raises NobodyWaits if
        the client leaves before the response is complete, or if a fault ends the connection.
        """
        answer = await self._final(answer)
        delivery = answer.delivery
        fault = delivery.fault if delivery.fault and delivery.fault.traits.needs_socket else None
        if delivery.stream is not None:
            await self._feed(answer)
        elif fault is None:
            self.connection.write_whole(self.request, answer)
        elif fault.dribbles:
            await self._dribble(answer, fault.milliseconds / 1000)
        else:
            await self._break(fault, answer)

    async def _final(self, answer: Answer) -> Answer:
        """Returns the response to send, once there is one and its delay is over."""
        parking, lost = self.listener.parking, self.connection.lost
        while True:
            delivery = answer.delivery
            if delivery.wake_on and delivery.resume is not None:
                with parking.subscribe(delivery.wake_on) as subscription:
                    return await self._awaited(subscription, delivery)
            if delivery.delay_ms and delivery.stream is None:
                with parking.holding(self._packed(delivery)):
                    await parking.wait(delivery.delay_ms / 1000, lost)
            if delivery.resume is None:
                if lost.is_set():
                    raise NobodyWaits
                return answer
            answer = await self.listener.respond(self.request, delivery.resume, in_turn=True)

    def _packed(self, delivery: Delivery) -> int:
        """Keeps only what a waiting call still needs of its body, and returns the number of its bytes."""
        if delivery.resume is None:
            self.request.release()
            return 0
        return self.request.pack()

    async def _awaited(self, subscription: Subscription, delivery: Delivery) -> Answer:
        """Returns the response of a call that is repeated until it has one.

        The call is repeated after every change in the workspace, and after every delay without one.
        """
        while True:
            subscription.notified.clear()
            answer = await self.listener.respond(self.request, delivery.resume)
            delivery = answer.delivery
            if delivery.resume is None:
                return answer
            seconds, left = delivery.delay_ms / 1000, self.connection.left
            if not await self.listener.parking.wait(seconds, left, heeding=subscription):
                raise NobodyWaits

    async def _dribble(self, answer: Answer, seconds: float) -> None:
        bodiless = is_bodiless(self.request.method, answer.status)
        self.connection.write_head(self.request, answer.status, answer.headers)
        parts = pieces(answer.payload, _MAX_PIECES) or [b""]
        for part in parts:
            if not await self.listener.parking.wait(seconds / len(parts), self.connection.left):
                raise NobodyWaits
            if not bodiless:
                await self._write(part)

    async def _feed(self, answer: Answer) -> None:
        delivery, parking, left = answer.delivery, self.listener.parking, self.connection.left
        assert delivery.stream is not None
        headers = [*answer.headers, (b"transfer-encoding", b"chunked")]
        self.connection.write_head(self.request, answer.status, headers)
        last, look = self.listener.loop.time(), delivery.delay_ms / 1000 or _HEARTBEAT_SECONDS
        with parking.streaming(self.request.client[0]), parking.subscribe(delivery.wake_on) as subscription:
            while not parking.closed:
                subscription.notified.clear()
                news = await parking.in_turn(delivery.stream)
                if news == b"":
                    if not await parking.wait(look, left, heeding=subscription):
                        raise NobodyWaits
                    news = await parking.in_turn(delivery.stream)
                if news is None:
                    break
                now = self.listener.loop.time()
                if news or now - last >= _HEARTBEAT_SECONDS:
                    last = now
                    chunk = news or b":\n\n"  # a comment keeps proxies from ending a silent stream
                    self.connection.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                    del news, chunk  # they need not be kept until the client has read them
                    await self._drained()
        await self._write(b"0\r\n\r\n")

    async def _write(self, data: bytes) -> None:
        await self._drained()
        self.connection.write(data)

    async def _drained(self) -> None:
        await self.connection.drained()
        if self.connection.lost.is_set():
            raise NobodyWaits

    async def _break(self, fault: Fault, answer: Answer) -> None:
        """Ends the connection after sending the bytes that the fault lets through."""
        if fault.type == "HANG":
            await self.listener.parking.wait(MAX_DELAY_MS / 1000, self.connection.left)
        headers = self.listener.with_date(answer.headers)
        sent = broken(fault, self.request.method, answer.status, headers, answer.payload)
        if sent:
            self.connection.write(sent)
        if fault.type == "CONNECTION_RESET_BY_PEER":
            self.connection.reset()
        else:
            self.connection.close()
        try:
            await asyncio.wait_for(self.connection.lost.wait(), _LEAVE_SECONDS)
        except TimeoutError:  # the client does not read the remaining bytes
            self.connection.abort()
        raise NobodyWaits

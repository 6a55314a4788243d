"""The headers that explain an answer: which exchange, workspace, outcome, trigger and reason; keeps no journal."""

from dataclasses import dataclass, replace

from offer_sandbox.contract import Answer, Request
from offer_sandbox.contract.http import HTML
from offer_sandbox.exchange.arrival import Arrival
from offer_sandbox.exchange.identity import Identity
from offer_sandbox.exchange.orders import Judged
from offer_sandbox.rules.request_triggers import Directive

_LONGEST_REASON = 400
_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    "<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)


@dataclass(frozen=True)
class Exchanged:
    """A request with what was decided about it."""

    id: str
    request: Request
    arrival: Arrival
    identity: Identity
    judged: Judged

    @property
    def operation(self) -> str:
        """The operation with its provider's name."""
        return f"{self.arrival.provider.name}.{self.arrival.operation.name}"

    @property
    def outcome(self) -> str | None:
        """The full id of the outcome; None where the connection failed before there was one."""
        ruling = self.judged.ruling
        if ruling is None:
            return None
        return f"{self.arrival.provider.name}.{ruling.outcome.operation}.{ruling.outcome.name}"

    @property
    def answered(self) -> bool:
        """Whether the client gets an answer at all, be it the provider's or a gateway's."""
        fault = self.judged.orders.fault
        return self.judged.ruling is not None or fault is None or fault.answers

    @property
    def trigger(self) -> str:
        """Who chose the outcome, or the fault that came before any."""
        if self.judged.ruling is not None:
            return self.judged.ruling.trigger
        return "rule"  # a header's fault comes after the call

    @property
    def reason(self) -> str:
        """One sentence that says why, empty unless the call was refused or its connection failed before it."""
        if self.judged.ruling is not None:
            return self.judged.ruling.reason
        fault = self.judged.orders.fault
        return f"the fault {fault.type if fault else ''} came before the call: nothing was done"


def answer(exchanged: Exchanged, directive: Directive, plain: bool) -> Answer:
    """The answer with the sandbox's headers on it, or without them where it is to be plain. Where a gateway is to
    have answered instead, its page."""
    made = _made(exchanged)
    headers = [*made.headers, *(() if plain else _explaining(exchanged))]
    if exchanged.arrival.allow:
        headers.append(("Allow", ", ".join(exchanged.arrival.allow)))
    if directive.applied and exchanged.trigger == "header":
        headers.append(("Preference-Applied", directive.applied))
    return replace(made, headers=tuple(headers))


def complaint_headers(id: str, workspace: str, detail: str) -> tuple[tuple[str, str], ...]:
    """The sandbox's headers on its own refusal, which has no outcome (and no workspace where none was found)."""
    return (
        ("X-Sandbox-Request-Id", id),
        *([("X-Sandbox-Workspace", workspace)] if workspace else []),
        _link(id),
        ("X-Sandbox-Reason", printable(detail)),
    )


def printable(text: str) -> str:
    """One line of ASCII, at most 400 characters, fit for a header."""
    ascii_text = text.encode("ascii", "backslashreplace").decode("ascii")
    return "".join(sign if sign.isprintable() else " " for sign in ascii_text)[:_LONGEST_REASON]


def _made(exchanged: Exchanged) -> Answer:
    ruling, fault = exchanged.judged.ruling, exchanged.judged.orders.fault
    if ruling is None or (fault is not None and not fault.needs_socket):
        return Answer(status=502, body=_GATEWAY, media_type=HTML)
    return ruling.answer


def _explaining(exchanged: Exchanged) -> list[tuple[str, str]]:
    workspace = exchanged.identity.workspace
    headers = [
        ("X-Sandbox-Request-Id", exchanged.id),
        *([("X-Sandbox-Workspace", workspace)] if workspace else []),
    ]
    if exchanged.outcome is not None:
        headers.append(("X-Sandbox-Outcome", exchanged.outcome))
    headers += [("X-Sandbox-Trigger", exchanged.trigger), _link(exchanged.id)]
    if exchanged.reason:
        headers.append(("X-Sandbox-Reason", printable(exchanged.reason)))
    return headers


def _link(id: str) -> tuple[str, str]:
    return "Link", f'</__admin/requests/{id}>; rel="describedby"'

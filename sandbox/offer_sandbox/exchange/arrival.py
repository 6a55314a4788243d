"""A request whose operation is known (or known to be none), before anything about it is judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NoReturn

from offer_sandbox.contract import Call, Operation, Problem, Provider, Request
from offer_sandbox.exchange.address import Address
from offer_sandbox.rules.request_triggers import UNMATCHED


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """`problems` are those of the address alone (unknown path, wrong method), judged before authentication.

    `arguments` come from the path; `parsed` is what the protocol has already made of the body.
    """

    address: Address
    request: Request
    operation: Operation
    arguments: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    allow: Sequence[str] = ()
    parsed: Any = None

    @property
    def provider(self) -> Provider:
        """Whose call it is."""
        return self.address.provider


@cache
def unmatched() -> Operation:
    """The operation of calls that are none of the documented ones."""
    return Operation(
        name=UNMATCHED,
        method="",
        path="",
        summary="A call that is none of the documented ones",
        evidence="inferred",
        source="the sandbox's own",
        handler=_never,
    )


def _never(_: Call) -> NoReturn:
    raise AssertionError("an unmatched call has no handler")

"""One request on its way through the pipeline, and all that has become known of it so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from offer_sandbox.contract import Credential, Provider, Request
from offer_sandbox.exchange.result import Result
from offer_sandbox.exchange.routing import Route, as_seen
from offer_sandbox.exchange.transitions import Event
from offer_sandbox.exchange.workspace_auth import Identity
from offer_sandbox.rules.decision import NOTHING_ASKED, Decision
from offer_sandbox.rules.evaluation import RuleMatcher
from offer_sandbox.world.world import Change


@dataclass(kw_only=True)
class Exchange:
    """A request as it came, and what was found out and decided about it, each part set when it is known.

    `operation` has its provider's name before it. `workspace` is empty until it is known, and for a call that
    nobody knows the caller of. `triggers` are what the request's headers ask for, `decision` is that with what
    rules ask for. `result` is None where the call is postponed, or its connection fails before it is made. `now`
    is the workspace's time of the call, None where its workspace was not opened; `events` are what time brought
    about before the call, `changes` the records that were put, `notes` what else rules did, in words. None of it
    holds a transaction, so that a postponed call can wait, and is `resumed` then.
    """

    id: str
    request: Request
    route: Route
    resumed: bool = False
    provider: Provider = field(init=False)
    operation: str = field(init=False)
    workspace: str = ""
    credential: Credential = field(init=False)
    identity: Identity = field(init=False)
    triggers: Decision = NOTHING_ASKED
    decision: Decision = NOTHING_ASKED
    result: Result | None = None
    now: datetime | None = None
    events: Sequence[Event] = ()
    changes: Sequence[Change] = ()
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        self.provider = self.route.provider
        self.operation = f"{self.provider.name}.{self.route.operation.name}"

    @property
    def json(self) -> Any:
        """The body as a JSON value, parsed once however often it is asked for. Raises DocumentError."""
        return self.route.request.json

    @cached_property
    def matcher(self) -> RuleMatcher:
        """What tells why the request does not match a rule; made where there is one."""
        return RuleMatcher(self.route.style.match_input(self.route))

    @property
    def outcome(self) -> str | None:
        """The full id of the outcome; None where the connection failed before there was one."""
        if self.result is None:
            return None
        return f"{self.provider.name}.{self.result.outcome.operation}.{self.result.outcome.name}"

    @property
    def answered(self) -> bool:
        """Whether the client gets an answer at all, be it the provider's or a gateway's."""
        fault = self.decision.fault
        return self.result is not None or fault is None or fault.traits.answers

    @property
    def trigger(self) -> str:
        """Who chose the outcome, or the fault that came before any."""
        return "rule" if self.result is None else self.result.trigger  # a header's fault comes after the call

    @property
    def reason(self) -> str:
        """One sentence that says why, empty unless the call was refused or its connection failed before it."""
        if self.result is not None:
            return self.result.reason
        fault = self.decision.fault
        return f"the fault {fault.type if fault else ''} came before the call: nothing was done"

    def wait(self) -> None:
        """Lets go of what is large and comes again with the request when the call is resumed."""
        self.__dict__.pop("matcher", None)
        self.request = replace(self.request, body=b"")
        self.route = replace(self.route, request=replace(self.route.request, body=b""))

    def resume(self, request: Request) -> None:
        """Goes on with the same request after the wait."""
        self.resumed, self.request = True, request
        self.route = replace(self.route, request=as_seen(request))

    @property
    def postponed(self) -> bool:
        """Whether the call is still to be made, after a wait."""
        return self.result is None and not self.decision.breaks_before

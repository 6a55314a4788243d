"""One request on its way through the pipeline, with everything known about it so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from offer_sandbox.contract import Credential, Provider, Request
from offer_sandbox.exchange.event import Event
from offer_sandbox.exchange.notices import notices
from offer_sandbox.exchange.result import Result
from offer_sandbox.exchange.routing import Route, as_seen
from offer_sandbox.exchange.workspace_auth import Identity
from offer_sandbox.rules.decision import NOTHING_ASKED, Decision
from offer_sandbox.rules.evaluation import RuleMatcher
from offer_sandbox.world.world import Change


@dataclass(kw_only=True)
class Exchange:
    """A request, with the findings and decisions about it. Each part is set when it is known.

    `operation` includes the provider's name as a prefix. `workspace` is empty until it is known, and for an
    unauthenticated call. `triggers` are the effects that the headers request, and `decision` adds those of rules.
    `result` is None if the call is postponed, or if its connection fails before the call is made. `now` is the
    workspace's time of the call, or None if the workspace was not opened. `events` are the transitions that were
    due before the call, `changes` are the records that were stored, and `notes` are sentences about other effects
    of rules. `resumed` is set when the call continues after a wait. An exchange holds no transaction, because a
    postponed call must be able to wait.
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
        """The body as a JSON value, parsed only once. Raises DocumentError."""
        return self.route.request.json

    @cached_property
    def matcher(self) -> RuleMatcher:
        """The matcher that reports why the request does not match a rule. It is created on first use."""
        return RuleMatcher(self.route.style.match_input(self.route))

    @cached_property
    def notices(self) -> tuple[str, ...]:
        """The warnings about input that was probably meant differently."""
        of_result = self.result.notices if self.result else ()
        return tuple(notices(self.request, self.identity.notices, of_result))

    @property
    def outcome(self) -> str | None:
        """The full id of the outcome, or None if the connection failed before there was one."""
        if self.result is None:
            return None
        return f"{self.provider.name}.{self.result.outcome.operation}.{self.result.outcome.name}"

    @property
    def answered(self) -> bool:
        """Whether there is a response to send, from the provider or a gateway. A fault may still damage it on the
        way."""
        fault = self.decision.fault
        return self.result is not None or fault is None or fault.traits.answers

    @property
    def trigger(self) -> str:
        """The source that chose the outcome or, if a fault prevented any outcome, the source of the fault."""
        return "rule" if self.result is None else self.result.trigger  # a header's fault applies after the call

    @property
    def reason(self) -> str:
        """One sentence with the reason, empty unless the call was refused or its connection failed before it."""
        if self.result is not None:
            return self.result.reason
        fault = self.decision.fault
        return f"the fault {fault.type if fault else ''} was applied before the call, which was not executed"

    def wait(self) -> None:
        """Releases large data, which the resumed request supplies again."""
        self.__dict__.pop("matcher", None)
        self.request = replace(self.request, body=b"")
        self.route = replace(self.route, request=replace(self.route.request, body=b""))

    def resume(self, request: Request) -> None:
        """Continues with the same request after the wait."""
        self.resumed, self.request = True, request
        self.route = replace(self.route, request=as_seen(request))

    @property
    def postponed(self) -> bool:
        """Whether the call must still be made, after a wait."""
        return self.result is None and not self.decision.breaks_before

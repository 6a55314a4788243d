"""Which outcome is asked for, and by whom: header, rule or magic word; and what a rule does besides."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import ModuleType
from typing import Any

from offer_sandbox.contract import Fault, Provider, bare_status
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.exchange.former.evaluation import Evaluation, Verdict, evaluate, withdraw
from offer_sandbox.exchange.former.request_triggers import RequestTriggers
from offer_sandbox.exchange.former.result import Forced, Result
from offer_sandbox.exchange.former.routing import Route
from offer_sandbox.exchange.transitions import Event
from offer_sandbox.rules.matching import MatchInput
from offer_sandbox.rules.repository import restore_hits, rules_for, save_hits
from offer_sandbox.rules.validation import of_status
from offer_sandbox.schemas.validator import validator_for
from offer_sandbox.world.clock import to_ms
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import seeded_rng
from offer_sandbox.world.workspaces import Workspaces
from offer_sandbox.world.world import Change, World


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Delays are in milliseconds. `mutate` are changes of the answer, `state` the records that rules bring with
    their ids; `verdicts` tell what became of each rule that concerned the call, `events` what time
    had brought about when a call was postponed."""

    forced: Forced | None = None
    delay_before: int = 0
    delay_after: int = 0
    fault: Fault | None = None
    fault_before: bool = False
    mutate: tuple[str, ...] = ()
    state: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def postpones(self) -> bool:
        """Whether the call itself is to wait."""
        return bool(self.delay_before) and not self.breaks_before

    @property
    def breaks_before(self) -> bool:
        """Whether the connection fails before the call is made."""
        return self.fault is not None and self.fault_before

    @property
    def waits(self) -> bool:
        """Whether anything of it keeps the call waiting."""
        return bool(self.delay_before or self.delay_after) or (self.fault is not None and self.fault.waits)

    @property
    def turns(self) -> list[int]:
        """How many calls each of them had matched before."""
        return [verdict["matched"] for verdict in self.verdicts if verdict["verdict"] == "fired"]

    @property
    def rules(self) -> list[str]:
        """The rules that fired."""
        return [verdict["id"] for verdict in self.verdicts if verdict["verdict"] == "fired"]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What was decided about a request in one transaction: `result` is None where the call is postponed or its
    connection fails before. `now` is the workspace's time, `events` are what time brought about before the call,
    `changes` the records that were put, `notes` what else rules did, in words."""

    decision: Decision
    result: Result | None = None
    now: datetime | None = None
    events: Sequence[Event] = ()
    changes: Sequence[Change] = ()
    notes: Sequence[str] = ()


def by_header(route: Route, triggers: RequestTriggers) -> Decision:
    """The orders of a request that no rule has a say in.

    Raises ProblemDetailsError (501) for a connection that cannot be broken under this server.
    """
    forced = None
    if triggers.outcome is not None:
        forced = Forced(outcome=triggers.outcome, trigger="header", by=triggers.by)
    decision = Decision(forced=forced, delay_after=triggers.delay_ms or 0, fault=triggers.fault)
    return _breakable(decision, route)


def decide(
    route: Route, triggers: RequestTriggers, world: World, match_input: Callable[[Route], MatchInput]
) -> Decision:
    """The orders for a call; rules that match are counted, and one with a forced outcome asks none.

    Raises ProblemDetailsError (501) for a connection that cannot be broken under this server: nothing is counted
    then.
    """
    decision = by_header(route, triggers)
    if decision.forced is None and route.operation.name in route.provider.operations:
        operation = f"{route.provider.name}.{route.operation.name}"
        rules = rules_for(world.transaction, world.row.id, operation)
        if rules:
            fired = evaluate(rules, match_input(route), world.row.seed, to_ms(world.now))
            save_hits(world.transaction, world.row.id, fired.moved)
            decision = _breakable(_joined(triggers, fired, route), route)
    return decision


def as_refused(decision: Decision, world: World) -> Decision:
    """The orders after the call was refused before an outcome or records of rules could be given: those rules have
    not fired for it, and bring nothing. A delay, a fault and changes of the answer are given all the same."""
    return _without(decision, world, ("outcome", "state"), "refused before")


def as_broken(decision: Decision, world: World) -> Decision:
    """The orders where the connection fails before the call: nothing but the fault, and a delay, is given."""
    return _without(decision, world, ("outcome", "state", "mutate"), "broken before")


def as_natural(decision: Decision, world: World) -> Decision:
    """The orders where the call went its natural way although a rule had an outcome for it: it came too late."""
    return _without(decision, world, ("outcome",), "too late")


def _without(decision: Decision, world: World, lost: tuple[str, ...], why: str) -> Decision:
    verdicts = tuple(withdraw(decision.verdicts, lost, why))
    lost_hits = {each["id"]: each["stamp"] for each in verdicts if each["verdict"] == why}
    restore_hits(world.transaction, world.row.id, lost_hits)
    state = () if "state" in lost else decision.state
    return replace(decision, verdicts=verdicts, state=state)


def _breakable(decision: Decision, route: Route) -> Decision:
    if decision.fault is not None and decision.fault.needs_socket and not route.request.breakable:
        raise ProblemDetailsError(501, "faults-not-available", "Faults are not available", _NO_SOCKET)
    return decision


def _joined(triggers: RequestTriggers, fired: Evaluation, route: Route) -> Decision:
    """A header's delay and fault go before those of rules."""
    own_delay, own_fault = triggers.delay_ms is not None, triggers.fault is not None
    return Decision(
        forced=_forced(fired, route.provider, route.operation.name),
        delay_before=0 if own_delay else fired.delay_before,
        delay_after=(triggers.delay_ms or 0) if own_delay else fired.delay_after,
        fault=triggers.fault if own_fault else fired.fault,
        fault_before=False if own_fault else fired.fault_before,
        mutate=fired.mutate,
        state=tuple(fired.state),
        verdicts=tuple(fired.verdicts),
    )


def _forced(fired: Evaluation, provider: Provider, operation: str) -> Forced | None:
    if fired.outcome is not None:
        known = provider.outcomes.get((operation, fired.outcome))
        if known is None:  # armed by a version of this program that knew it
            return None
        outcome = known
    elif fired.status is not None:
        outcome = of_status(provider, operation, fired.status) or bare_status(operation, fired.status)
    else:
        return None
    return Forced(outcome=outcome, trigger="rule", by=f"the rule {fired.outcome_by}")


_NO_SOCKET = (
    "the WSGI server behind this sandbox does not give its connections, so they cannot be broken;"
    " use offer-sandbox serve, or the fault GATEWAY_HTML"
)


def mutated(
    result: Result, route: Route, decision: Decision, world: World, protocol: ModuleType
) -> tuple[Result, list[str]]:
    """The ruling with its answer changed as rules ask, by the workspace's seed and how often they fired; and what
    was changed, in words."""
    if not decision.mutate or result.response.body is None:
        return result, []
    draw = seeded_rng(world.row.seed, "mutate", *decision.rules, *decision.turns)
    body, notes = protocol.mutate(result, route, decision.mutate, draw)
    return replace(result, response=replace(result.response, body=body)), notes


def upsert_records(
    records: Sequence[tuple[str, Mapping[str, Any]]],
    world: World,
    workspaces: Workspaces,
    providers: Sequence[Provider],
) -> list[str]:
    """Adds the records that rules bring, or merges them into those of the same id; what could not be, in words."""
    return [
        text
        for rule, collections in records
        for name, documents in collections.items()
        for text in _upsert(rule, name, documents, world, workspaces, providers)
    ]


def _upsert(
    rule: str,
    name: str,
    documents: Sequence[Document],
    world: World,
    workspaces: Workspaces,
    providers: Sequence[Provider],
) -> Iterator[str]:
    owner, _, collection = name.partition(".")
    provider = next(each for each in providers if each.name == owner)
    place = world
    if owner != world.provider:
        opened = workspaces.open(world.transaction, world.name, owner)
        place = replace(opened, changes=world.changes)
    kind = place.kind(collection)
    record_validator = validator_for(provider.parts.records[collection])
    for document in documents:
        former = place.get(collection, str(document[kind.key]))
        whole = {**(former or {}), **document}
        wrong = next(map(str, record_validator.issues(whole)), "") or kind.unstorable(whole)
        if wrong:
            yield f"the rule {rule} could not bring {name} {document[kind.key]}: {wrong}"
        else:
            place.put(collection, whole)

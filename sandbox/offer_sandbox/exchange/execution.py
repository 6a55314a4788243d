"""The execution of one call: due transitions, the decision, the handler, and other effects of rules."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from offer_sandbox.contract import Call, CallError, Provider, Request, RequestIssue
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.exchange.consequences import carry_out_all
from offer_sandbox.exchange.context import Exchange
from offer_sandbox.exchange.event import Event
from offer_sandbox.exchange.result import Result, forced_result, outcome_of, refuse
from offer_sandbox.exchange.routing import unmatched
from offer_sandbox.exchange.transitions import apply_due_transitions
from offer_sandbox.exchange.webhooks import change_listener, target_of
from offer_sandbox.rules.decision import Asked, Decision
from offer_sandbox.rules.evaluation import decide, withdraw
from offer_sandbox.rules.records import upsert_records
from offer_sandbox.rules.repository import RULES, concerning, rules_for
from offer_sandbox.rules.settings import limits, progressions, switches
from offer_sandbox.world.clock import to_ms
from offer_sandbox.world.collection import Document
from offer_sandbox.world.limits import Crowded
from offer_sandbox.world.rng import seeded_rng
from offer_sandbox.world.store import ReadOnlyTransaction, Store, Transaction, WorkspaceHead
from offer_sandbox.world.workspaces import Workspaces
from offer_sandbox.world.world import World


class Executor:
    """Executes calls. After each call that writes something, `wake` is called with the workspace's name if the
    workspace has a target for the provider's webhooks."""

    def __init__(
        self, providers: Sequence[Provider], store: Store, workspaces: Workspaces, wake: Callable[[str], None]
    ) -> None:
        self._providers = providers
        self._store = store
        self._workspaces = workspaces
        self._wake = wake

    def execute(self, exchange: Exchange) -> None:
        """Decides and executes a call, and commits everything that it stores. A resumed call keeps its earlier
        decision.

        Rules are matched before any write transaction starts, unless that would delay its own workspace only. A
        read-only call opens a write transaction only if something must be stored for it. Raises the errors of the
        store and the workspaces, and ProblemDetailsError (501).
        """
        if exchange.route.operation.only_reads or self._store.serial:
            world = self._read_or_write(exchange)
        else:
            world = self._write(exchange, None, None)
        if world is not None and target_of(exchange.provider, world).get("url"):
            self._wake(world.name)

    def _read_or_write(self, exchange: Exchange) -> World | None:
        """Executes the call, in a read-only transaction if nothing must be stored for it. Returns the same as
        `_write`."""
        with self._store.undisturbed() as undisturbed:
            with self._store.transaction(writes=False) as transaction:
                head = _head(transaction, exchange)
                rules = _matched_rules(transaction, exchange, head)
                if head and exchange.route.operation.only_reads and self._read(exchange, transaction, head, rules):
                    return None
            return self._write(exchange, head if undisturbed else None, rules)

    def _read(
        self, exchange: Exchange, transaction: Transaction, head: WorkspaceHead, rules: Sequence[Document]
    ) -> bool:
        """Executes the call if nothing must be written for it, and returns whether it did."""
        world = self._workspaces.world(transaction, head.row, exchange.provider.name)
        counted = any(exchange.matcher.counts(rule, to_ms(world.now)) for rule in rules)
        if counted or _is_due(head, world) or self._workspaces.to_be_noted(head):
            return False
        try:
            self._perform(exchange, world, rules)
        except ReadOnlyTransaction:  # for example a read that is counted
            return False
        return True

    def _write(
        self, exchange: Exchange, head: WorkspaceHead | None, rules: Sequence[Document] | None
    ) -> World | None:
        """Executes the call in a write transaction. `head` and `rules` were read earlier. `head` is None if it may
        be outdated, or if there is no workspace yet, and `rules` is None if they were not read. Returns the world
        if its provider sends webhooks and something was written."""
        provider = exchange.provider
        with self._store.transaction() as transaction:
            if head is None:
                head = _head(transaction, exchange)
                rules = _current(transaction, exchange, head, rules)
            world = self._workspaces.opened(transaction, head, exchange.workspace, provider.name)
            if head is None:  # creating the workspace may have started a scenario
                rules = _rules(transaction, exchange, world.row.id)
            due = head is None or not head.seeded or _is_due(head, world)
            events = apply_due_transitions(provider, world) if due else []
            if due:
                transaction.look_again(world.row.id)
            world.changes.clear()  # the journal lists those as events
            self._perform(exchange, world, rules or (), events)
            return world if provider.topics and transaction.changed else None

    def _perform(
        self, exchange: Exchange, world: World, rules: Sequence[Document], events: Sequence[Event] = ()
    ) -> None:
        decision = exchange.decision if exchange.resumed else _decide(exchange, rules, world)
        result: Result | None = None
        notes: list[str] = []
        if decision.breaks_before:
            decision = withdraw(decision, world, ("outcome", "state", "mutate"), "broken before")
        elif exchange.resumed or not decision.postpones:
            result = self._call_or_refuse(exchange, world, decision)
            if decision.verdicts:
                decision = _given(decision, result, world)
                result, notes = _mutated(exchange, result, decision, world)
                notes += upsert_records(decision.state, world, self._workspaces, self._providers)
        exchange.decision, exchange.result, exchange.now = decision, result, world.now
        exchange.events = [*exchange.events, *events]
        exchange.changes, exchange.notes = world.changes, notes

    def _call_or_refuse(self, exchange: Exchange, world: World, decision: Decision) -> Result:
        """Returns the result of the call or of its refusal. A refused call stores nothing."""
        provider = exchange.provider
        if provider.topics:
            world.watch = change_listener(provider, world)
        try:
            with world.savepoint():
                result = _call(exchange, world, decision.asked)
                if provider.parts.consequences:
                    world.watch = None
                    carry_out_all(provider, world, [*world.changes])
        except CallError as refusal:
            result = refuse(exchange.route, _told(refusal, decision.asked))
        finally:
            world.watch = None
        return exchange.route.style.finalize(result, exchange.route)


def demand_breakable(decision: Decision, request: Request) -> Decision:
    """Returns the decision. Raises ProblemDetailsError (501) if its fault needs the raw connection, which this
    server does not provide."""
    if decision.fault is not None and decision.fault.traits.needs_socket and not request.breakable:
        raise ProblemDetailsError(501, "faults-not-available", "Faults are not available", _NO_SOCKET)
    return decision


_NO_SOCKET = (
    "this WSGI server does not expose its connections, so the fault cannot be applied (use offer-sandbox serve,"
    " or the fault GATEWAY_HTML)"
)


def _head(transaction: Transaction, exchange: Exchange) -> WorkspaceHead | None:
    return transaction.head(exchange.workspace, exchange.provider.name, RULES, concerning(exchange.operation))


def _matched_rules(transaction: Transaction, exchange: Exchange, head: WorkspaceHead | None) -> list[Document]:
    """Returns the rules that may apply to the call. Also matches the request against each of them."""
    rules = _rules(transaction, exchange, head.row.id) if head and head.present else []
    for rule in rules:
        exchange.matcher.because(rule)
    return rules


def _rules(transaction: Transaction, exchange: Exchange, workspace: int) -> list[Document]:
    """Returns the rules that may apply to the call. There are none if a header requests an outcome, after a wait,
    or if no documented operation matches."""
    if exchange.resumed or exchange.triggers.asked is not None or exchange.route.operation is unmatched():
        return []
    return rules_for(transaction, workspace, exchange.operation)


def _current(
    transaction: Transaction, exchange: Exchange, head: WorkspaceHead | None, rules: Sequence[Document] | None
) -> list[Document]:
    """Returns the rules that may apply to the call. Those that were read earlier and match are read again, for
    their current counters. Matching rules that were deleted in the meantime are left out."""
    if rules is None or head is None:
        return _matched_rules(transaction, exchange, head)
    found = []
    for rule in rules:
        now = rule if exchange.matcher.because(rule) else transaction.get(head.row.id, RULES, rule["id"])
        found += [now] if now is not None else []
    return found


def _is_due(head: WorkspaceHead, world: World) -> bool:
    return head.next_due is not None and head.next_due <= to_ms(world.now)


def _decide(exchange: Exchange, rules: Sequence[Document], world: World) -> Decision:
    """Returns the decision on the call. A header, a matching rule or the credential's magic word can request the
    outcome. The magic word takes precedence over every outcome except an infrastructure outcome. Raises Crowded if
    the call must wait but too many calls are waiting."""
    route, word = exchange.route, exchange.identity.word
    decision = demand_breakable(exchange.triggers, route.request)
    if rules:
        ruled = decide(decision, rules, exchange.matcher, route.provider, route.operation, world)
        decision = demand_breakable(ruled, route.request)
    if decision.waits and route.request.crowded:
        raise Crowded("too many calls are waiting (try again later)")
    if word and (decision.asked is None or decision.asked.outcome.kind != "infrastructure"):
        outcome = outcome_of(route.provider, route.operation.name, word)
        by = f"the credential ends in the magic word {word}"
        return replace(decision, asked=Asked(outcome=outcome, trigger="magic", by=by))
    return decision


def _call(exchange: Exchange, world: World, asked: Asked | None) -> Result:
    """Executes the call, or returns its forced outcome. Raises CallError if the call is refused."""
    route = exchange.route
    call = Call(
        operation=route.operation,
        request=route.request,
        world=world,
        path=route.arguments,
        forced=asked.outcome.name if asked else None,
        prefix=route.prefix,
        progressions=progressions(route.provider, world),
        switches=switches(route.provider, world),
        limits=limits(route.provider, world),
    )
    if asked is not None and asked.trigger != "magic" and asked.outcome.kind == "infrastructure":
        return forced_result(call, route.provider, asked)
    _authenticate(exchange, call, asked)
    if asked is not None and asked.outcome.immediate:
        return route.style.execute_forced(route, call, asked)
    return route.style.execute(route, call, asked)


def _authenticate(exchange: Exchange, call: Call, asked: Asked | None) -> None:
    if exchange.identity.problem is not None:
        raise CallError([exchange.identity.problem])
    if asked is not None and asked.trigger == "magic":
        field = exchange.credential.field
        raise CallError([RequestIssue(outcome=asked.outcome.name, field=field, reason=asked.by, source="magic")])
    exchange.provider.parts.dialect.authenticate(call, exchange.credential)


def _told(refusal: CallError, asked: Asked | None) -> Sequence[RequestIssue]:
    """Returns the problems of a refused call. If a header or a rule requested an outcome, no problem counts as
    caused by a magic value."""
    if asked is None or asked.trigger == "magic":
        return refusal.problems
    return [replace(problem, source="natural") for problem in refusal.problems]


def _given(decision: Decision, result: Result, world: World) -> Decision:
    """Returns the decision without the rule effects that could not apply. If the call was refused first, the
    outcome and the records are removed. If it took its natural course, only the outcome is removed, because it was
    too late."""
    if result.trigger == "rule":
        return decision
    if result.reason:
        return withdraw(decision, world, ("outcome", "state"), "refused before")
    return withdraw(decision, world, ("outcome",), "too late")


def _mutated(exchange: Exchange, result: Result, decision: Decision, world: World) -> tuple[Result, list[str]]:
    """Returns the result with the response changed as rules request, and a sentence for each change. The changes
    depend on the workspace's seed and on how often each rule has matched."""
    if not decision.mutate or result.response.body is None:
        return result, []
    ids, turns = ([verdict[name] for verdict in decision.fired] for name in ("id", "matched"))
    draw = seeded_rng(world.row.seed, "mutate", *ids, *turns)
    body, notes = exchange.route.style.mutate(result, exchange.route, decision.mutate, draw)
    return replace(result, response=replace(result.response, body=body)), notes

"""The journey of one request: address, workspace, trigger, authentication, protocol, answer, record."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from offer_sandbox.contract import Call, CallError, Credential, Delivery, Provider, Request, RequestIssue, Response
from offer_sandbox.contract.delivery import MAX_DELAY_MS
from offer_sandbox.contract.errors import MEDIA_TYPE, ProblemDetailsError
from offer_sandbox.exchange.former import journal_entry
from offer_sandbox.exchange.former.api_style import api_style_of
from offer_sandbox.exchange.former.decision import (
    Decision,
    Judgement,
    as_broken,
    as_natural,
    as_refused,
    by_header,
    decide,
    mutated,
    upsert_records,
)
from offer_sandbox.exchange.former.journal_entry import entry, problem_entry
from offer_sandbox.exchange.former.request_triggers import (
    RequestTriggers,
    read_delivery_headers,
    read_triggers,
    without_triggers,
)
from offer_sandbox.exchange.former.result import Result, forced_result, refuse
from offer_sandbox.exchange.former.routing import Address, Route, Router
from offer_sandbox.exchange.former.workspace_auth import (
    DEFAULT_WORKSPACE,
    STORE_FAILED,
    Admission,
    Identity,
    identify,
)
from offer_sandbox.exchange.transitions import apply_due_transitions
from offer_sandbox.exchange.webhooks import change_listener, target_of
from offer_sandbox.rules.settings import progressions, switches
from offer_sandbox.world.clock import stopwatch
from offer_sandbox.world.journal import Entry
from offer_sandbox.world.limits import Crowded, LimitReached, UnknownWorkspace
from offer_sandbox.world.rng import request_id
from offer_sandbox.world.store import Store, StoreError
from offer_sandbox.world.workspaces import Workspaces
from offer_sandbox.world.world import World

log = logging.getLogger("offer_sandbox")
_Failure = Literal["internal_error", "unavailable", "forbidden", "unauthorized"]


@dataclass(frozen=True)
class Visit:
    """Everything known about a request when its judging begins."""

    route: Route
    identity: Identity
    credential: Credential
    triggers: RequestTriggers

    @property
    def provider(self) -> Provider:
        """Whose call it is."""
        return self.route.provider


class Pipeline:
    """Answers provider paths. One instance serves any number of threads: the store takes one at a time.

    `tell` is called with every exchange as the journal keeps it, `wake` with the name of a workspace that has a
    target for the provider's webhooks, after each exchange that wrote something there. `plain` leaves the
    headers that explain out of answers.
    """

    def __init__(
        self,
        providers: Sequence[Provider],
        store: Store,
        workspaces: Workspaces,
        tell: Callable[[Entry], None],
        wake: Callable[[str], None] = lambda _: None,
        plain: bool = False,
    ) -> None:
        self._providers = providers
        self._live_keys = [pattern for provider in providers for pattern in provider.live_keys]
        self._wake = wake
        self._plain = plain
        self.router = Router(providers)
        self.store = store
        self.workspaces = workspaces
        self._tell = tell
        self._admission = Admission(store, workspaces)

    def warm_up(self) -> None:
        """Loads and compiles what the first calls would otherwise wait for."""
        for provider in self._providers:
            api_style_of(provider).warm_up(provider)

    def handle(self, request: Request, again: Decision | None = None) -> tuple[Response, Delivery]:
        """The whole journey of a request on any path that is not reserved for the sandbox; `again` is what the
        plan of a postponed call held."""
        started = stopwatch()
        self._tidy()
        address = self.router.find(request)
        id = request_id()
        if address is None:
            return self._unowned(id, request), Delivery()
        workspace = ""
        try:
            route, credential, identity = self._receive(address, request)
            workspace = identity.workspace
            visit = Visit(route, identity, credential, _triggers(route, request))
            judgement = self._decide_in_transaction(visit, again)
        except ProblemDetailsError as error:
            return self._problem_response(error, id, address.provider.name, request, workspace), Delivery()
        if judgement.result is None and not judgement.decision.breaks_before:
            return Response(status=202), Delivery(
                delay_ms=judgement.decision.delay_before, resume=judgement.decision
            )
        if judgement.now is None:  # refused before the workspace was opened
            identity = replace(identity, workspace=self._admission.journal_workspace(identity.workspace))
        exchanged = journal_entry.Exchanged(id, request, route, identity, judgement)
        response = journal_entry.build_response(exchanged, visit.triggers, self._plain)
        self._tell(entry(exchanged, response, (stopwatch() - started) * 1000))
        return response, _delivery(judgement.decision)

    def _tidy(self) -> None:
        try:
            self.workspaces.tidy(self.store)
        except StoreError as error:
            log.error("the store failed: %s", error)

    def _receive(self, address: Address, request: Request) -> tuple[Route, Credential, Identity]:
        """Finds operation and workspace. Raises ProblemDetailsError for a workspace that cannot be."""
        plain = replace(request, query=without_triggers(request.query))
        route = api_style_of(address.provider).route(address, plain)
        credential = address.provider.parts.dialect.credential(plain, route.operation)
        identity = identify(plain, credential, self._live_keys)
        return (
            route,
            credential,
            self._admission.admitted(address.provider, route.operation, credential, identity),
        )

    def _decide_in_transaction(self, visit: Visit, again: Decision | None) -> Judgement:
        """The ruling, with everything it stored committed, and nothing stored by a refused call."""
        route = visit.route
        if route.problems or not visit.identity.workspace:
            problems = route.problems or [cast("RequestIssue", visit.identity.problem)]
            result = refuse(visit.provider, route.operation.name, problems, route.request)
            decision = (
                _unruled(visit) if visit.identity.workspace else Decision()
            )  # a stranger keeps nothing waiting
            return Judgement(decision=decision, result=_finish(visit, result))
        try:
            with self.store.transaction() as transaction:
                world = self.workspaces.open(transaction, visit.identity.workspace, visit.provider.name)
                judgement = self._execute(visit, world, again)
                changed = transaction.changed
        except ProblemDetailsError:
            raise
        except StoreError as error:
            log.error("the store failed: %s", error)
            return Judgement(decision=_unruled(visit), result=_failed(visit, "unavailable", STORE_FAILED))
        except UnknownWorkspace as error:  # it was dropped between admission and now
            return Judgement(decision=_unruled(visit), result=_failed(visit, "unauthorized", str(error)))
        except Crowded as error:
            return Judgement(decision=Decision(), result=_failed(visit, "unavailable", str(error)))
        except LimitReached as limit:
            return Judgement(decision=_unruled(visit), result=_failed(visit, "forbidden", str(limit)))
        except Exception:
            log.exception("the sandbox failed")
            return Judgement(decision=_unruled(visit), result=_failed(visit, "internal_error", _MISTAKE))
        if changed and target_of(visit.provider, world).get("url"):
            self._wake(world.name)
        return judgement

    def _execute(self, visit: Visit, world: World, again: Decision | None) -> Judgement:
        """In one transaction: what time brought about, the rules' counters, the call, what rules bring."""
        events = apply_due_transitions(visit.provider, world)
        world.changes.clear()  # those are told as events
        decision = again or decide(visit.route, visit.triggers, world, api_style_of(visit.provider).match_input)
        if decision.waits and visit.route.request.crowded and again is None:
            raise Crowded("so many calls wait that no other one can; try again later")
        if decision.breaks_before:
            decision = as_broken(decision, world)
        if (decision.postpones and again is None) or decision.breaks_before:
            return Judgement(decision=replace(decision, events=tuple(events)), now=world.now, events=events)
        watched = replace(world, watch=change_listener(visit.provider, world))
        result = _finish(visit, self._decide_or_refuse(visit, watched, decision))
        if result.trigger != "rule":
            decision = as_refused(decision, world) if result.reason else as_natural(decision, world)
        result, mutations = mutated(result, visit.route, decision, world, api_style_of(visit.provider))
        added = upsert_records(decision.state, world, self.workspaces, self._providers)
        return Judgement(
            decision=decision,
            result=result,
            now=world.now,
            events=[*decision.events, *events],
            changes=world.changes,
            notes=(*mutations, *added),
        )

    def _decide_or_refuse(self, visit: Visit, world: World, decision: Decision) -> Result:
        try:
            with world.savepoint():
                return self._decide(visit, world, decision)
        except CallError as refusal:
            route, problems = visit.route, refusal.problems
            if decision.forced is not None and not visit.identity.word:
                # the outcome asked for had its say, which a credential's word precedes: what refuses is natural
                problems = tuple(replace(problem, source="natural") for problem in problems)
            return refuse(visit.provider, route.operation.name, problems, route.request)

    def _decide(self, visit: Visit, world: World, decision: Decision) -> Result:
        route, forced = visit.route, decision.forced
        call = Call(
            operation=route.operation,
            request=route.request,
            world=world,
            path=route.arguments,
            forced=forced.outcome.name if forced else None,
            prefix=route.address.prefix,
            progressions=progressions(visit.provider, world),
            switches=switches(visit.provider, world),
        )
        if forced is not None and forced.outcome.kind == "infrastructure":
            return forced_result(call, visit.provider, forced)
        _authenticate(visit, call)
        protocol = api_style_of(visit.provider)
        if forced is not None and forced.outcome.immediate:
            result: Result = protocol.execute_forced(route, call, forced)
        else:
            result = protocol.execute(route, call, forced)
        return result

    def _problem_response(
        self, error: ProblemDetailsError, id: str, provider: str | None, request: Request, workspace: str
    ) -> Response:
        """The sandbox's own refusal on a provider's path, with an entry in the journal like any other answer;
        `workspace` is empty where none could be found."""
        headers = () if self._plain else journal_entry.problem_headers(id, workspace, error.detail)
        response = Response(status=error.status, body=error.document(), media_type=MEDIA_TYPE, headers=headers)
        page = self._admission.journal_workspace(workspace or ("" if self.workspaces.keyed else DEFAULT_WORKSPACE))
        made = problem_entry(id, provider, page, request, response, error.detail)
        self._tell(made)
        return response

    def _unowned(self, id: str, request: Request) -> Response:
        error = ProblemDetailsError(
            404,
            "unknown-path",
            "No provider owns this path",
            f"no documented call lives at {request.path[:200]}",
            nearest=self.router.nearest(request.path[:200]),
        )
        return self._problem_response(error, id, None, request, self._admission.claimed(request))


def _triggers(route: Route, request: Request) -> RequestTriggers:
    """The trigger of a request. Raises ProblemDetailsError for one that cannot be understood."""
    if route.problems:
        return read_delivery_headers(request)
    return read_triggers(request, route.provider, route.operation)


def _finish(visit: Visit, result: Result) -> Result:
    finished: Result = api_style_of(visit.provider).finalize(result, visit.route)
    return finished


def _authenticate(visit: Visit, call: Call) -> None:
    if visit.identity.problem is not None:
        raise CallError([visit.identity.problem])
    if visit.identity.word:
        reason = f"the credential ends in the magic word {visit.identity.word}"
        word = RequestIssue(
            outcome=visit.identity.word, field=visit.credential.field, reason=reason, source="magic"
        )
        raise CallError([word])
    visit.provider.parts.dialect.authenticate(call, visit.credential)


def _failed(
    visit: Visit, outcome: Literal["internal_error", "unavailable", "forbidden", "unauthorized"], reason: str
) -> Result:
    problem = RequestIssue(outcome=outcome, reason=reason)
    return _finish(visit, refuse(visit.provider, visit.route.operation.name, [problem], visit.route.request))


def _unruled(visit: Visit) -> Decision:
    """The orders of a request that never came to ask the rules."""
    return replace(by_header(visit.route, visit.triggers), forced=None)


def _delivery(decision: Decision) -> Delivery:
    """What is left to be done once the call was made: a wait before it is over by then."""
    waits = decision.delay_before if decision.breaks_before else 0
    return Delivery(delay_ms=min(waits + decision.delay_after, MAX_DELAY_MS), fault=decision.fault)


_MISTAKE = "the sandbox made a mistake; see its log"

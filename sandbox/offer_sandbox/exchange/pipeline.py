"""The one way of a request: route, workspace, what its headers ask for, execution, response, journal."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from offer_sandbox.contract import CallError, Delivery, Provider, Request, RequestIssue, Response
from offer_sandbox.contract.delivery import MAX_DELAY_MS
from offer_sandbox.contract.errors import MEDIA_TYPE, ProblemDetailsError
from offer_sandbox.exchange.api_style import style_of
from offer_sandbox.exchange.context import Exchange
from offer_sandbox.exchange.cross_origin import CrossOrigin
from offer_sandbox.exchange.execution import Executor, demand_breakable
from offer_sandbox.exchange.journal_entry import (
    CallRecord,
    ExchangeRecord,
    RefusalRecord,
    build_response,
    problem_headers,
)
from offer_sandbox.exchange.result import refuse
from offer_sandbox.exchange.routing import Router
from offer_sandbox.exchange.workspace_auth import DEFAULT_WORKSPACE, STORE_FAILED, Admission, Identities
from offer_sandbox.rules.decision import NOTHING_ASKED, Decision
from offer_sandbox.rules.request_triggers import read_delivery_headers, read_triggers
from offer_sandbox.world.clock import stopwatch
from offer_sandbox.world.limits import Crowded, LimitReached, UnknownWorkspace
from offer_sandbox.world.rng import request_id
from offer_sandbox.world.store import Store, StoreError
from offer_sandbox.world.workspaces import Workspaces

log = logging.getLogger("offer_sandbox")
POSTPONED = Response(status=202)
_AT_ONCE = Delivery()


class Pipeline:
    """Answers provider paths. One instance serves any number of threads: the store takes one at a time.

    `tell` is called with every exchange as it happened, `wake` with the name of a workspace that has a
    target for the provider's webhooks, after each exchange that wrote something there. `cross_origin` says whose
    pages may read answers. `plain` leaves the headers that explain out of answers.
    """

    def __init__(
        self,
        providers: Sequence[Provider],
        store: Store,
        workspaces: Workspaces,
        tell: Callable[[CallRecord], None],
        wake: Callable[[str], None] = lambda _: None,
        cross_origin: CrossOrigin = CrossOrigin(),  # noqa: B008 - it cannot be changed
        plain: bool = False,
    ) -> None:
        self._providers = providers
        self._identities = Identities([pattern for provider in providers for pattern in provider.live_keys])
        self._cross_origin = cross_origin
        self._plain = plain
        self._tell = tell
        self.router = Router(providers)
        self.store = store
        self.workspaces = workspaces
        self._admission = Admission(store, workspaces)
        self._executor = Executor(providers, store, workspaces, wake)

    def stands_for(self, host: str) -> bool:
        """Whether a host is a provider's by its documentation."""
        return self.router.documents(host)

    def warm_up(self) -> None:
        """Loads and compiles what the first calls would otherwise wait for."""
        for provider in self._providers:
            style_of(provider).warm_up(provider)

    def handle(self, request: Request, resumed: Exchange | None = None) -> tuple[Response, Delivery]:
        """The whole way of a request on any path that is not reserved for the sandbox, and what is to be done with
        its answer."""
        response, delivery = self._handled(request, resumed)
        shared = () if delivery.resume is not None else self._cross_origin.headers(request, response)
        return (replace(response, headers=(*response.headers, *shared)) if shared else response), delivery

    def refuse(self, request: Request, problem: ProblemDetailsError) -> Response:
        """The refusal of a request that cannot be read, which the journal tells of."""
        return self._problem_response(problem, request_id(), None, request, self._admission.claimed(request))

    def _handled(self, request: Request, resumed: Exchange | None) -> tuple[Response, Delivery]:
        """The answer as it is told in the journal.

        A call that has to wait first is POSTPONED: its delivery's `resume` is the exchange with which it goes on,
        after the wait, in whatever state its workspace is by then.
        """
        started = stopwatch()
        self._tidy()
        exchange = resumed or self._routed(request)
        if exchange is None:
            return self._unowned(request), Delivery()
        if resumed is not None:
            resumed.resume(request)
        try:
            self._receive(exchange)
            self._answer(exchange)
        except ProblemDetailsError as error:
            provider, workspace = exchange.provider.name, exchange.workspace
            return self._problem_response(error, exchange.id, provider, request, workspace), Delivery()
        if exchange.postponed:
            exchange.wait()
            return POSTPONED, Delivery(delay_ms=exchange.decision.delay_before, resume=exchange)
        if exchange.now is None:  # refused before the workspace was opened
            exchange.workspace = self._admission.journal_workspace(exchange.workspace)
        response = build_response(exchange, self._plain)
        self._tell(ExchangeRecord(exchange, response, (stopwatch() - started) * 1000))
        return response, _delivery(exchange.decision)

    def _tidy(self) -> None:
        try:
            self.workspaces.tidy(self.store)
        except StoreError as error:
            log.error("the store failed: %s", error)

    def _routed(self, request: Request) -> Exchange | None:
        """The beginning of an exchange; None where nobody owns the path."""
        route = self.router.match(request)
        return None if route is None else Exchange(id=request_id(), request=request, route=route)

    def _receive(self, exchange: Exchange) -> None:
        """Finds the workspace, and what the headers ask for. Raises ProblemDetailsError for a workspace that
        cannot be, and headers that cannot be understood. Whoever was let in before a wait may not be let in after
        it."""
        route, request = exchange.route, exchange.route.request
        if not exchange.resumed:
            exchange.credential = exchange.provider.parts.dialect.credential(request, route.operation)
            exchange.identity = self._identities.of(request, exchange.credential)
        exchange.identity = self._admission.admitted(
            exchange.provider, route.operation, exchange.credential, exchange.identity
        )
        exchange.workspace = exchange.identity.workspace
        if exchange.resumed:
            return
        if route.problems:
            exchange.triggers = read_delivery_headers(exchange.request)
        else:
            exchange.triggers = read_triggers(exchange.request, exchange.provider, route.operation)

    def _answer(self, exchange: Exchange) -> None:
        """Sets the result, with everything that the call stored committed, and nothing stored by a refused one."""
        try:
            if exchange.route.problems:
                raise CallError(exchange.route.problems)
            if not exchange.workspace and exchange.identity.problem is not None:
                raise CallError([exchange.identity.problem])
            self._executor.execute(exchange)
        except ProblemDetailsError:
            raise
        except Exception as error:
            _refuse(exchange, _problems(error), waits=bool(exchange.workspace) and not isinstance(error, Crowded))

    def _problem_response(
        self, error: ProblemDetailsError, id: str, provider: str | None, request: Request, workspace: str
    ) -> Response:
        """The sandbox's own refusal on a provider's path, with an entry in the journal like any other answer;
        `workspace` is empty where none could be found."""
        headers = () if self._plain else problem_headers(id, workspace, error.detail)
        response = Response(status=error.status, body=error.document(), media_type=MEDIA_TYPE, headers=headers)
        page = self._admission.journal_workspace(workspace or ("" if self.workspaces.keyed else DEFAULT_WORKSPACE))
        self._tell(RefusalRecord(id, provider, page, request, response, error.detail))
        return response

    def _unowned(self, request: Request) -> Response:
        error = ProblemDetailsError(
            404,
            "unknown-path",
            "No provider owns this path",
            f"no documented call lives at {request.path[:200]}",
            nearest=self.router.nearest(request.path[:200]),
        )
        return self._problem_response(error, request_id(), None, request, self._admission.claimed(request))


def _refuse(exchange: Exchange, problems: Sequence[RequestIssue], waits: bool) -> None:
    """Refuses a call that was not carried out. The delay and the fault of its headers apply all the same, where it
    `waits`; the outcome that they ask for does not. Raises ProblemDetailsError (501)."""
    exchange.decision = NOTHING_ASKED
    if waits:
        exchange.decision = demand_breakable(replace(exchange.triggers, asked=None), exchange.request)
    exchange.result = exchange.route.style.finalize(refuse(exchange.route, problems), exchange.route)
    exchange.now, exchange.events, exchange.changes, exchange.notes = None, (), (), ()


def _problems(error: Exception) -> Sequence[RequestIssue]:
    """What is wrong with a call that ended in an error before or in its transaction."""
    match error:
        case CallError():
            return error.problems
        case StoreError():
            log.error("the store failed: %s", error)
            return [RequestIssue(outcome="unavailable", reason=STORE_FAILED)]
        case UnknownWorkspace():  # it was dropped between admission and now
            return [RequestIssue(outcome="unauthorized", reason=str(error))]
        case Crowded():
            return [RequestIssue(outcome="unavailable", reason=str(error))]
        case LimitReached():
            return [RequestIssue(outcome="forbidden", reason=str(error))]
    log.exception("the sandbox failed")
    return [RequestIssue(outcome="internal_error", reason=_MISTAKE)]


def _delivery(decision: Decision) -> Delivery:
    """What is left to be done once the call was made: a wait before it is over by then."""
    waits = decision.delay_ms if decision.breaks_before else decision.delay_after or 0
    if not waits and decision.fault is None:
        return _AT_ONCE
    return Delivery(delay_ms=min(waits, MAX_DELAY_MS), fault=decision.fault)


_MISTAKE = "the sandbox made a mistake; see its log"

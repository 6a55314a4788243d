"""The pipeline of a request: route, workspace, header triggers, execution, response, journal."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from offer_sandbox.contract import CallError, Delivery, Provider, Request, RequestIssue, Response
from offer_sandbox.contract.delivery import MAX_DELAY_MS
from offer_sandbox.contract.errors import MEDIA_TYPE, ProblemDetailsError
from offer_sandbox.exchange.api_style import style_of
from offer_sandbox.exchange.browser import page_owners
from offer_sandbox.exchange.context import Exchange
from offer_sandbox.exchange.cross_origin import CrossOrigin
from offer_sandbox.exchange.execution import Executor, demand_breakable
from offer_sandbox.exchange.foreign_pages import ForeignPages
from offer_sandbox.exchange.journal_entry import (
    CallRecord,
    ExchangeRecord,
    RefusalRecord,
    build_response,
    problem_headers,
)
from offer_sandbox.exchange.live_keys import LiveKeys
from offer_sandbox.exchange.result import refuse
from offer_sandbox.exchange.routing import Route, Router
from offer_sandbox.exchange.workspace_auth import (
    DEFAULT_WORKSPACE,
    STORE_FAILED,
    Admission,
    Identities,
    Identity,
)
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
    """Handles requests for provider paths. One instance serves any number of threads, and the store admits one of
    them at a time.

    `tell` is called with the record of every completed exchange. `wake` is called after each exchange that writes
    something, with the workspace's name, if the workspace has a target for the provider's webhooks. `cross_origin`
    lists the origins that may read responses. `plain` omits the explanatory headers from responses, and the
    page for browsers. `live_keys` finds real credentials, which every provider refuses. `foreign_pages` recognizes
    calls of web pages that may create no workspace, or use no named one.
    """

    def __init__(
        self,
        providers: Sequence[Provider],
        store: Store,
        workspaces: Workspaces,
        tell: Callable[[CallRecord], None],
        wake: Callable[[str], None] = lambda _: None,
        cross_origin: CrossOrigin = CrossOrigin(),  # noqa: B008 - it is immutable
        plain: bool = False,
        *,
        live_keys: LiveKeys,
        foreign_pages: ForeignPages = ForeignPages(exposed=True),  # noqa: B008 - it is immutable
    ) -> None:
        self._providers = providers
        self.live_keys = live_keys
        self.foreign_pages = foreign_pages
        self._identities = Identities(live_keys, workspaces.keyed)
        self._cross_origin = cross_origin
        self._plain = plain
        self._tell = tell
        self.router = Router(providers)
        self.page_owners = {} if plain else page_owners(providers)
        self.store = store
        self.workspaces = workspaces
        self._admission = Admission(store, workspaces)
        self._executor = Executor(providers, store, workspaces, wake)

    def stands_for(self, host: str) -> bool:
        """Returns whether a host is a documented public host of any provider."""
        return self.router.documents(host)

    def warm_up(self) -> None:
        """Loads and compiles everything that the first calls would otherwise wait for."""
        for provider in self._providers:
            style_of(provider).warm_up(provider)

    def handle(self, request: Request, resumed: Exchange | None = None) -> tuple[Response, Delivery]:
        """Handles a request on any path that is not reserved for the sandbox. Returns the response and how to
        deliver it."""
        response, delivery = self._handled(request, resumed)
        shared = () if delivery.resume is not None else self._cross_origin.headers(request, response)
        return (replace(response, headers=(*response.headers, *shared)) if shared else response), delivery

    def refuse(self, request: Request, problem: ProblemDetailsError) -> Response:
        """Returns the error response for an unreadable request, and records it in the journal."""
        return self._problem_response(problem, request_id(), None, request, self._admission.claimed(request))

    def _handled(self, request: Request, resumed: Exchange | None) -> tuple[Response, Delivery]:
        """Returns the response as the journal records it, and its delivery.

        A call that must wait first gets the response POSTPONED. The `resume` of its delivery is the exchange to
        continue after the wait. The call then uses the state that its workspace has at that time.
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
            exchange.workspace = self._journal_workspace(request, exchange.workspace)
        response = build_response(exchange, self._plain)
        self._tell(ExchangeRecord(exchange, response, (stopwatch() - started) * 1000))
        return response, _delivery(exchange.decision)

    def _tidy(self) -> None:
        try:
            self.workspaces.tidy(self.store)
        except StoreError as error:
            log.error("the store failed: %s", error)

    def _routed(self, request: Request) -> Exchange | None:
        """Returns a new exchange, or None if no provider owns the path."""
        route = self.router.match(request, self._admits)
        return None if route is None else Exchange(id=request_id(), request=request, route=route)

    def _admits(self, route: Route) -> bool:
        """Returns whether a caller may use its workspace, which every caller may if workspaces are open."""
        if not self.workspaces.keyed:
            return True
        credential = route.provider.parts.dialect.credential(route.request, route.operation)
        try:
            claimed = self._identities.of(route.request, credential)
        except ProblemDetailsError:
            return False
        return bool(self._admission.admitted(route.provider, route.operation, credential, claimed).workspace)

    def _receive(self, exchange: Exchange) -> None:
        """Sets the workspace and the header triggers. Raises ProblemDetailsError for an invalid workspace name or
        invalid headers. Admission is repeated after a wait, because it may have ended in the meantime."""
        route, request = exchange.route, exchange.route.request
        if not exchange.resumed:
            exchange.credential = exchange.provider.parts.dialect.credential(request, route.operation)
            exchange.identity = self._identities.of(request, exchange.credential)
        exchange.identity = self._admission.admitted(
            exchange.provider, route.operation, exchange.credential, exchange.identity
        )
        exchange.identity = self._demand_intended(exchange.request, exchange.identity)
        exchange.workspace = exchange.identity.workspace
        if exchange.resumed:
            return
        if route.problems:
            exchange.triggers = read_delivery_headers(exchange.request)
        else:
            exchange.triggers = read_triggers(exchange.request, exchange.provider, route.operation)

    def _demand_intended(self, request: Request, identity: Identity) -> Identity:
        """Returns the identity. It becomes an unauthenticated one for the call of a web page that may not use the
        workspace."""
        reason = ""
        if identity.workspace != DEFAULT_WORKSPACE and self.foreign_pages.is_rebound(request):
            reason = (
                f"a page of the unknown host {request.host[:100]} uses no workspace (allow it with --allow-host)"
            )
        elif self.foreign_pages.is_embedded(request) and not self._admission.exists(identity.workspace):
            reason = "a page of another site creates no workspace (allow its origin with --cors)"
        if not reason or not identity.workspace:
            return identity
        problem = RequestIssue(outcome="forbidden", field="header", reason=reason)
        return replace(identity, workspace="", word="", problem=problem)

    def _journal_workspace(self, request: Request, workspace: str) -> str:
        """Returns the workspace whose journal lists a call that was refused before its admission."""
        if self.foreign_pages.is_rebound(request) and workspace != DEFAULT_WORKSPACE:
            return ""
        if self.foreign_pages.is_embedded(request) and not self._admission.exists(workspace):
            return ""
        return self._admission.journal_workspace(workspace)

    def _answer(self, exchange: Exchange) -> None:
        """Sets the result. Everything that the call stored is committed. A refused call stores nothing."""
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
        """Returns the sandbox's own error response, and records it in the journal like any other response.
        `workspace` is empty if none was found."""
        headers = () if self._plain else problem_headers(id, workspace, error.detail)
        response = Response(status=error.status, body=error.document(), media_type=MEDIA_TYPE, headers=headers)
        page = self._journal_workspace(request, workspace or ("" if self.workspaces.keyed else DEFAULT_WORKSPACE))
        self._tell(RefusalRecord(id, provider, page, request, response, error.detail))
        return response

    def _unowned(self, request: Request) -> Response:
        error = ProblemDetailsError(
            404,
            "unknown-path",
            "No provider owns this path",
            f"no documented call has the path {request.path[:200]}",
            nearest=self.router.nearest(request.path[:200]),
        )
        return self._problem_response(error, request_id(), None, request, self._admission.claimed(request))


def _refuse(exchange: Exchange, problems: Sequence[RequestIssue], waits: bool) -> None:
    """Refuses a call that was not executed. If `waits` is set, the delay and the fault from its headers still
    apply. The outcome from its headers does not. Raises ProblemDetailsError (501)."""
    exchange.decision = NOTHING_ASKED
    if waits:
        exchange.decision = demand_breakable(replace(exchange.triggers, asked=None), exchange.request)
    exchange.result = exchange.route.style.finalize(refuse(exchange.route, problems), exchange.route)
    exchange.now, exchange.events, exchange.changes, exchange.notes = None, (), (), ()


def _problems(error: Exception) -> Sequence[RequestIssue]:
    """Returns the problems of a call that failed with an error before or in its transaction."""
    match error:
        case CallError():
            return error.problems
        case StoreError():
            log.error("the store failed: %s", error)
            return [RequestIssue(outcome="unavailable", reason=STORE_FAILED)]
        case UnknownWorkspace():  # it was deleted after admission
            return [RequestIssue(outcome="unauthorized", reason=str(error))]
        case Crowded():
            return [RequestIssue(outcome="unavailable", reason=str(error))]
        case LimitReached():
            return [RequestIssue(outcome="forbidden", reason=str(error))]
    log.exception("internal error in the sandbox")
    return [RequestIssue(outcome="internal_error", reason=_MISTAKE)]


def _delivery(decision: Decision) -> Delivery:
    """Returns the delivery of the response once the call was made. A delay before the call is over by then."""
    waits = decision.delay_ms if decision.breaks_before else decision.delay_after or 0
    if not waits and decision.fault is None:
        return _AT_ONCE
    return Delivery(delay_ms=min(waits, MAX_DELAY_MS), fault=decision.fault)


_MISTAKE = "internal error in the sandbox (see the server's log)"

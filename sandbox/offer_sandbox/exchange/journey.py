"""The journey of one request: address, workspace, trigger, authentication, protocol, answer, record."""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Literal

from offer_sandbox.contract import Answer, Call, Credential, Plan, Problem, Provider, Refusal, Request
from offer_sandbox.contract.complaint import MEDIA_TYPE, Complaint
from offer_sandbox.exchange import record, rest
from offer_sandbox.exchange.address import Address, Addresses
from offer_sandbox.exchange.arrival import Arrival
from offer_sandbox.exchange.identity import Identity, identify
from offer_sandbox.exchange.inforce import progressions, switches
from offer_sandbox.exchange.ruling import Ruling, answer_at_once, refuse
from offer_sandbox.exchange.settling import settle
from offer_sandbox.exchange.telling import target_of, watching
from offer_sandbox.rules.directive import Directive, read_delay, read_directive, without_directive
from offer_sandbox.world.chance import request_id
from offer_sandbox.world.clock import stopwatch
from offer_sandbox.world.journal import Journal
from offer_sandbox.world.store import SqliteStore
from offer_sandbox.world.world import Workspaces, World

log = logging.getLogger("offer_sandbox")


@dataclass(frozen=True)
class Visit:
    """Everything known about a request when its judging begins."""

    arrival: Arrival
    identity: Identity
    credential: Credential
    directive: Directive

    @property
    def provider(self) -> Provider:
        """Whose call it is."""
        return self.arrival.provider


class Exchange:
    """Answers provider paths. One instance serves any number of threads: the store takes one at a time.

    `wake` is called with the name of a workspace that has a target for the provider's webhooks, after each
    exchange that wrote something there.
    """

    def __init__(
        self,
        providers: Sequence[Provider],
        store: SqliteStore,
        workspaces: Workspaces,
        journal: Journal,
        wake: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._providers = providers
        self._live_keys = [pattern for provider in providers for pattern in provider.live_keys]
        self._wake = wake
        self.addresses = Addresses(providers)
        self.store = store
        self.workspaces = workspaces
        self.journal = journal

    def warm_up(self) -> None:
        """Loads and compiles what the first calls would otherwise wait for."""
        for provider in self._providers:
            _protocol(provider).prepare(provider)

    def run(self, request: Request) -> tuple[Answer, Plan]:
        """The whole journey of a request on any path that is not reserved for the sandbox."""
        started = stopwatch()
        address = self.addresses.find(request)
        if address is None:
            return self._unowned(request), Plan()
        id = request_id()
        workspace = ""
        try:
            arrival, credential, identity = self._receive(address, request)
            workspace = identity.workspace
            visit = Visit(arrival, identity, credential, _directive(arrival, request))
        except Complaint as complaint:
            return self._complained(complaint, id, address, request, workspace), Plan()
        ruling = self._rule(visit)
        exchanged = record.Exchanged(id, request, visit.arrival, visit.identity, ruling)
        answer = record.answer(exchanged, visit.directive)
        entry = record.entry(exchanged, answer, stopwatch() - started)
        self.journal.add(id, entry, record.size(exchanged, answer))
        return answer, Plan(delay_ms=visit.directive.delay_ms)

    def _receive(self, address: Address, request: Request) -> tuple[Arrival, Credential, Identity]:
        """Finds operation and workspace. Raises Complaint for a workspace that cannot be."""
        plain = replace(request, query=without_directive(request.query))
        arrival = _protocol(address.provider).arrive(address, plain)
        credential = address.provider.parts.dialect.credential(plain, arrival.operation)
        return arrival, credential, identify(plain, credential, self._live_keys)

    def _rule(self, visit: Visit) -> Ruling:
        """The ruling, with everything it stored committed, and nothing stored by a refused call."""
        arrival = visit.arrival
        if arrival.problems:
            ruling = refuse(visit.provider, arrival.operation.name, arrival.problems, arrival.request)
            return _finish(visit, ruling)
        try:
            with self.store.transaction() as transaction:
                world = self.workspaces.open(transaction, visit.identity.workspace, visit.provider.name)
                settle(visit.provider, world)
                watched = replace(world, watch=watching(visit.provider, world))
                ruling = self._decide_or_refuse(visit, watched)
                changed = transaction.changed
        except sqlite3.Error as error:
            log.error("the store failed: %s", error)
            ruling = _failed(visit, "unavailable", "the store cannot be used; see the log")
        except Exception:
            log.exception("the sandbox failed")
            ruling = _failed(visit, "internal_error", "the sandbox made a mistake; see its log")
        else:
            if changed and target_of(visit.provider, world).get("url"):
                self._wake(world.name)
        return _finish(visit, ruling)

    def _decide_or_refuse(self, visit: Visit, world: World) -> Ruling:
        try:
            with world.savepoint():
                return self._decide(visit, world)
        except Refusal as refusal:
            arrival, problems = visit.arrival, refusal.problems
            if visit.directive.outcome is not None and not visit.identity.word:
                # the header had its say, which a credential's word precedes: what refuses now is natural
                problems = tuple(replace(problem, magic=False) for problem in problems)
            return refuse(visit.provider, arrival.operation.name, problems, arrival.request)

    def _decide(self, visit: Visit, world: World) -> Ruling:
        arrival, forced = visit.arrival, visit.directive.outcome
        call = Call(
            operation=arrival.operation,
            request=arrival.request,
            world=world,
            path=arrival.arguments,
            fate=forced.name if forced else None,
            prefix=arrival.address.prefix,
            progressions=progressions(visit.provider, world),
            switches=switches(visit.provider, world),
        )
        if forced is not None and forced.kind == "infrastructure":
            return answer_at_once(call, visit.provider, forced, visit.directive.by)
        _authenticate(visit, call)
        protocol = _protocol(visit.provider)
        if forced is not None and forced.immediate:
            ruling: Ruling = protocol.force(arrival, call, forced, visit.directive.by)
        else:
            ruling = protocol.perform(arrival, call)
        return ruling

    def _complained(
        self, complaint: Complaint, id: str, address: Address, request: Request, workspace: str
    ) -> Answer:
        """The sandbox's own refusal on a provider's path, with an entry in the journal like any other answer;
        `workspace` is empty where none could be found."""
        headers = record.complaint_headers(id, workspace, complaint.detail)
        answer = _complaint(complaint, headers)
        provider = address.provider.name
        entry = record.complaint_entry(id, provider, workspace, request, answer, complaint.detail)
        self.journal.add(id, entry, 4096 + len(answer.payload))
        return answer

    def _unowned(self, request: Request) -> Answer:
        complaint = Complaint(
            404,
            "unknown-path",
            "No provider owns this path",
            f"no documented call lives at {request.path[:200]}",
            nearest=self.addresses.nearest(request.path[:200]),
        )
        return _complaint(complaint)


def _directive(arrival: Arrival, request: Request) -> Directive:
    """The trigger of a request. Raises Complaint for one that cannot be understood."""
    if arrival.problems:
        return Directive(delay_ms=read_delay(request))
    return read_directive(request, arrival.provider, arrival.operation)


def _protocol(provider: Provider) -> ModuleType:
    """The module with `arrive`, `perform` and `finish` for a provider's protocol."""
    if provider.protocol == "rest":
        return rest
    from offer_sandbox.exchange import graphql  # graphql-core costs 130 ms, which REST users do not pay

    return graphql


def _finish(visit: Visit, ruling: Ruling) -> Ruling:
    finished: Ruling = _protocol(visit.provider).finish(ruling, visit.arrival)
    return finished


def _authenticate(visit: Visit, call: Call) -> None:
    if visit.identity.problem is not None:
        raise Refusal([visit.identity.problem])
    if visit.identity.word:
        reason = f"the credential ends in the magic word {visit.identity.word}"
        word = Problem(outcome=visit.identity.word, field=visit.credential.field, reason=reason, magic=True)
        raise Refusal([word])
    visit.provider.parts.dialect.authenticate(call, visit.credential)


def _failed(visit: Visit, outcome: Literal["internal_error", "unavailable"], reason: str) -> Ruling:
    problem = Problem(outcome=outcome, reason=reason)
    return refuse(visit.provider, visit.arrival.operation.name, [problem], visit.arrival.request)


def _complaint(complaint: Complaint, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return Answer(status=complaint.status, body=complaint.document(), media_type=MEDIA_TYPE, headers=headers)

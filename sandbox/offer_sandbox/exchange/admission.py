"""Which workspace a call is let into, and which journal tells of it; finds no operation and decides no outcome."""

import logging
from dataclasses import replace

from offer_sandbox.contract import Credential, Operation, Problem, Provider, Request
from offer_sandbox.exchange.identity import Identity, claimed, key_in, stranger
from offer_sandbox.world.limits import LimitReached, UnknownWorkspace
from offer_sandbox.world.store import SqliteStore, StoreError
from offer_sandbox.world.workspaces import Workspaces

log = logging.getLogger("offer_sandbox")
STORE_FAILED = "the store cannot be used; see the log"


class Admission:
    """Lets calls in: everyone where workspaces are open, who has the workspace's key where they are keyed."""

    def __init__(self, store: SqliteStore, workspaces: Workspaces) -> None:
        self._store = store
        self._workspaces = workspaces

    def admitted(
        self, provider: Provider, operation: Operation, credential: Credential, identity: Identity
    ) -> Identity:
        """The identity, a stranger's where its credential is neither the key of the workspace nor a token that was
        minted there with it."""
        if not self._workspaces.keyed:
            return identity
        try:
            known = self._knows(provider, operation, identity)
        except StoreError as error:
            log.error("the store failed: %s", error)
            return replace(identity, workspace="", problem=Problem(outcome="unavailable", reason=STORE_FAILED))
        return identity if known else stranger(identity, credential)

    def page(self, workspace: str) -> str:
        """The workspace in whose journal a call is told that was refused before it was let in; empty where that
        cannot be, so that no stranger's names fill the journal."""
        if not workspace:
            return ""
        try:
            with self._store.transaction() as transaction:
                return self._workspaces.row(transaction, workspace).name
        except (LimitReached, UnknownWorkspace, StoreError):
            return ""

    def claimed(self, request: Request) -> str:
        """The workspace that a call on nobody's path belongs to; empty for a stranger's."""
        if not self._workspaces.keyed:
            return self.page(claimed(request))
        key = key_in(request.headers.get("authorization", ""))
        try:
            return self._workspaces.opened_by(self._store, key) or ""
        except StoreError:
            return ""

    def _knows(self, provider: Provider, operation: Operation, identity: Identity) -> bool:
        with self._store.transaction(writes=False) as transaction:
            row = transaction.workspace(identity.workspace)
            if row is None or row.key is None:
                return False
            world = self._workspaces.world(transaction, row, provider.name)
            if any(world.opens(key) for key in identity.keys):
                return True
            minted = provider.parts.dialect.minted  # a token opens what asks for one, and mints no other
            return bool(operation.scopes) and any(minted(world, key) for key in identity.keys)

"""The workspace of a request, and the check that its credential opens that workspace."""

import logging
from dataclasses import dataclass, replace
from functools import lru_cache

from offer_sandbox.contract import (
    INFRASTRUCTURE,
    Credential,
    Operation,
    Provider,
    Request,
    RequestIssue,
    from_base64,
)
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.exchange.live_keys import LiveKeys
from offer_sandbox.exchange.notices import of_credential
from offer_sandbox.world.keys import last_word, pretends, valid_name, workspace_of
from offer_sandbox.world.limits import LimitReached, UnknownWorkspace
from offer_sandbox.world.store import Store, StoreError
from offer_sandbox.world.workspaces import Workspaces

DEFAULT_WORKSPACE = "default"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The caller that a request claims. `workspace` is a name, empty for an unauthenticated call if workspaces are
    keyed. `keys` are the sandbox keys in the credential. `word` is the infrastructure outcome that the credential
    requests. `problem` is an issue with the credential that is found before the provider checks it. `notices` are
    warnings about the credential."""

    workspace: str
    keys: tuple[str, ...] = ()
    word: str = ""
    problem: RequestIssue | None = None
    notices: tuple[str, ...] = ()


class Identities:
    """Reads the identity that a request claims. `live_keys` finds real credentials of any provider, and `keyed` is
    whether the server issues keys. The meaning of a credential never changes, so the latest identities are
    cached."""

    def __init__(self, live_keys: LiveKeys, keyed: bool = False) -> None:
        self._keyed = keyed
        self._live = live_keys
        self._remembered = lru_cache(maxsize=1024)(self._identity)

    def of(self, request: Request, credential: Credential) -> Identity:
        """Returns the identity that a request claims. Raises ProblemDetailsError (400) for a malformed
        `X-Sandbox-Workspace`."""
        headers = request.headers
        named, authorization = headers.get("x-sandbox-workspace"), headers.get("authorization", "")
        if credential.problem is not None:
            return self._identity(named, authorization, credential)
        return self._remembered(named, authorization, credential)

    def _identity(self, named: str | None, authorization: str, credential: Credential) -> Identity:
        if named is not None and not valid_name(named):
            raise malformed_workspace(named)
        keys = [name for name in credential.names if workspace_of(name)]
        words = [word for key in keys if (word := last_word(key)) in INFRASTRUCTURE]
        workspace = named or (workspace_of(keys[0]) if keys else None) or DEFAULT_WORKSPACE
        return Identity(
            workspace=workspace,
            keys=tuple(keys),
            word=words[0] if words else "",
            problem=self._is_live(authorization, credential) or credential.problem or _pretending(credential),
            notices=of_credential(authorization, credential.names, self._keyed, workspace),
        )

    def _is_live(self, authorization: str, credential: Credential) -> RequestIssue | None:
        """Returns an issue if there is a real credential, anywhere in the header."""
        if any(map(self._live.is_real, (authorization, *credential.names))):
            return RequestIssue(outcome="unauthorized", field=credential.field, reason=LIVE)
        return None


def unauthenticated(identity: Identity, credential: Credential) -> Identity:
    """Returns the identity of a call with a credential that does not open its keyed workspace: no workspace, and
    the reason as its problem."""
    named_another = bool(identity.keys) and workspace_of(identity.keys[0]) != identity.workspace
    reason = _NAMED if named_another else _NO_KEY
    problem = credential.problem or RequestIssue(outcome="unauthorized", field=credential.field, reason=reason)
    return replace(identity, workspace="", word="", problem=problem)


def claimed(request: Request) -> str:
    """Returns the workspace that a request on an unowned path names, or `default` if it names none."""
    named = request.headers.get("x-sandbox-workspace", "")
    key = workspace_of(key_in(request.headers.get("authorization", "")))
    return (named if valid_name(named) else None) or key or DEFAULT_WORKSPACE


def key_in(authorization: str) -> str:
    """Returns the part of an Authorization header that may name a workspace: a Bearer key, or a Basic key, raw or
    in base64."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic" or value[:3].lower() == "sbx":
        return value.strip()
    return from_base64(value).partition(":")[0]


def malformed_workspace(name: str) -> ProblemDetailsError:
    """Returns the error for an invalid workspace name."""
    return ProblemDetailsError(
        400,
        "malformed-workspace",
        "Malformed workspace name",
        "a workspace name must have 1 to 63 characters (a-z, 0-9, _ and -) and begin with a letter or digit, not"
        f" {name[:80]!r}",
    )


def _pretending(credential: Credential) -> RequestIssue | None:
    if any(pretends(name) for name in credential.names[:1]):
        return RequestIssue(outcome="unauthorized", field=credential.field, reason=_MALFORMED)
    return None


_MALFORMED = (
    "the credential begins with sbx but is not sbx_<workspace> (a-z, 0-9, _ and -, at most 63 characters),"
    " optionally followed by a dot and other text"
)
_NAMED = "X-Sandbox-Workspace must be the workspace of the key"
_NO_KEY = (
    "the credential must be the key that POST /__admin/workspaces returned for the workspace, or a token that was"
    " issued with this key"
)
LIVE = "the credential looks like a live one (send the sandbox only sbx_<workspace> or an invented value)"


log = logging.getLogger("offer_sandbox")
STORE_FAILED = "the store cannot be used (see the server's log)"


class Admission:
    """Admits calls. If workspaces are open, every call is admitted. If they are keyed, a call needs the
    workspace's key or a token minted with it."""

    def __init__(self, store: Store, workspaces: Workspaces) -> None:
        self._store = store
        self._workspaces = workspaces

    def admitted(
        self, provider: Provider, operation: Operation, credential: Credential, identity: Identity
    ) -> Identity:
        """Returns the identity. In keyed mode it becomes an unauthenticated one if its credential is neither the
        workspace's key nor a token that was minted there with that key."""
        if not self._workspaces.keyed:
            return identity
        try:
            known = self._knows(provider, operation, identity)
        except StoreError as error:
            log.error("the store failed: %s", error)
            return replace(
                identity, workspace="", problem=RequestIssue(outcome="unavailable", reason=STORE_FAILED)
            )
        return identity if known else unauthenticated(identity, credential)

    def journal_workspace(self, workspace: str) -> str:
        """Returns the workspace for the journal entry of a call that was refused before its admission. Returns an
        empty string if the workspace cannot be used, because unauthenticated callers must not fill the journal
        with names."""
        if not workspace:
            return ""
        try:
            with self._store.transaction() as transaction:
                return self._workspaces.row(transaction, workspace).name
        except (LimitReached, UnknownWorkspace, StoreError):
            return ""

    def exists(self, workspace: str) -> bool:
        """Returns whether there is a workspace with this name. True if the store fails, which the call reports."""
        try:
            with self._store.transaction(writes=False) as transaction:
                return transaction.workspace(workspace) is not None
        except StoreError:
            return True

    def claimed(self, request: Request) -> str:
        """Returns the workspace of a call on an unowned path, which may not exist yet, or an empty string for an
        unauthenticated call."""
        if not self._workspaces.keyed:
            return claimed(request)
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
            minted = provider.parts.dialect.minted  # a token opens operations that require one, and mints no other
            return bool(operation.scopes) and any(minted(world, key) for key in identity.keys)

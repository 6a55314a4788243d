"""Which workspace a request belongs to, and whether its credential opens that one."""

import logging
import re
from collections.abc import Sequence
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
from offer_sandbox.world.keys import last_word, pretends, valid_name, workspace_of
from offer_sandbox.world.limits import LimitReached, UnknownWorkspace
from offer_sandbox.world.store import Store, StoreError
from offer_sandbox.world.workspaces import Workspaces

DEFAULT_WORKSPACE = "default"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """`workspace` by name, empty for a stranger's call where workspaces are keyed; `keys` are the sandbox keys
    that came. `word` is an infrastructure outcome that the credential asks for; `problem` is what is wrong with
    the credential before the provider has looked at it."""

    workspace: str
    keys: tuple[str, ...] = ()
    word: str = ""
    problem: RequestIssue | None = None


class Identities:
    """Reads who calls, or claims to; `live_keys` are patterns of real credentials, whosever they are. What a
    credential means does not change, so that the last ones are remembered."""

    def __init__(self, live_keys: Sequence[str]) -> None:
        self._live = re.compile("|".join(f"(?:{pattern})" for pattern in live_keys) or "(?!)")
        self._remembered = lru_cache(maxsize=1024)(self._identity)

    def of(self, request: Request, credential: Credential) -> Identity:
        """The identity that a request claims. Raises ProblemDetailsError (400) for a malformed
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
        return Identity(
            workspace=named or (workspace_of(keys[0]) if keys else None) or DEFAULT_WORKSPACE,
            keys=tuple(keys),
            word=words[0] if words else "",
            problem=self._is_live(authorization, credential) or credential.problem or _pretending(credential),
        )

    def _is_live(self, authorization: str, credential: Credential) -> RequestIssue | None:
        """A real credential, wherever in the header it stands."""
        if any(map(self._live.search, (authorization, *credential.names))):
            return RequestIssue(outcome="unauthorized", field=credential.field, reason=_LIVE)
        return None


def unauthenticated(identity: Identity, credential: Credential) -> Identity:
    """The identity of a call whose credential opens no workspace, where they are keyed."""
    named_another = bool(identity.keys) and workspace_of(identity.keys[0]) != identity.workspace
    reason = _NAMED if named_another else _NO_KEY
    problem = credential.problem or RequestIssue(outcome="unauthorized", field=credential.field, reason=reason)
    return replace(identity, workspace="", word="", problem=problem)


def claimed(request: Request) -> str:
    """The workspace that a request on nobody's path names, `default` without one."""
    named = request.headers.get("x-sandbox-workspace", "")
    key = workspace_of(key_in(request.headers.get("authorization", "")))
    return (named if valid_name(named) else None) or key or DEFAULT_WORKSPACE


def key_in(authorization: str) -> str:
    """What may name a workspace in an Authorization header: a Bearer key, or a Basic one, raw or in base64."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic" or value[:3].lower() == "sbx":
        return value.strip()
    return from_base64(value).partition(":")[0]


def malformed_workspace(name: str) -> ProblemDetailsError:
    """The refusal of a name that no workspace can have."""
    return ProblemDetailsError(
        400,
        "malformed-workspace",
        "Malformed workspace name",
        f"a workspace's name is 1 to 63 of a-z, 0-9, _ and -, the first a letter or digit, not {name[:80]!r}",
    )


def _pretending(credential: Credential) -> RequestIssue | None:
    if any(pretends(name) for name in credential.names[:1]):
        return RequestIssue(outcome="unauthorized", field=credential.field, reason=_MALFORMED)
    return None


_MALFORMED = (
    "the credential begins with sbx but is not sbx_<workspace> (a-z, 0-9, _ and -, at most 63 characters),"
    " optionally followed by a dot and anything"
)
_NAMED = "X-Sandbox-Workspace may only repeat the workspace that the key is for"
_NO_KEY = (
    "this sandbox takes only the keys that POST /__admin/workspaces has issued, each for its own workspace, and"
    " tokens that were minted with them"
)
_LIVE = "the credential looks like a live one; this is a sandbox, use any other word or sbx_<workspace>"


log = logging.getLogger("offer_sandbox")
STORE_FAILED = "the store cannot be used; see the log"


class Admission:
    """Lets calls in: everyone where workspaces are open, who has the workspace's key where they are keyed."""

    def __init__(self, store: Store, workspaces: Workspaces) -> None:
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
            return replace(
                identity, workspace="", problem=RequestIssue(outcome="unavailable", reason=STORE_FAILED)
            )
        return identity if known else unauthenticated(identity, credential)

    def journal_workspace(self, workspace: str) -> str:
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
            return self.journal_workspace(claimed(request))
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

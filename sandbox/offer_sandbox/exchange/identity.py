"""Finds the workspace a request belongs to and what its credential asks for; authenticates nobody."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from offer_sandbox.contract import INFRASTRUCTURE, Credential, Problem, Request, from_base64
from offer_sandbox.contract.errors import Complaint
from offer_sandbox.world.keys import last_word, pretends, valid_name, workspace_of

DEFAULT_WORKSPACE = "default"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """`workspace` by name, empty for a stranger's call where workspaces are keyed; `keys` are the sandbox keys
    that came. `word` is an infrastructure outcome that the credential asks for; `problem` is what is wrong with
    the credential before the provider has looked at it."""

    workspace: str
    keys: tuple[str, ...] = ()
    word: str = ""
    problem: Problem | None = None


def identify(request: Request, credential: Credential, live_keys: Sequence[str]) -> Identity:
    """The identity a request claims; `live_keys` are patterns of real credentials, whosever they are. Raises
    Complaint (400) for a malformed `X-Sandbox-Workspace`."""
    named = request.headers.get("x-sandbox-workspace")
    if named is not None and not valid_name(named):
        raise malformed_workspace(named)
    keys = [name for name in credential.names if workspace_of(name)]
    words = [word for key in keys if (word := last_word(key)) in INFRASTRUCTURE]
    return Identity(
        workspace=named or (workspace_of(keys[0]) if keys else None) or DEFAULT_WORKSPACE,
        keys=tuple(keys),
        word=words[0] if words else "",
        problem=_live(request, credential, live_keys) or credential.problem or _pretending(credential),
    )


def stranger(identity: Identity, credential: Credential) -> Identity:
    """The identity of a call whose credential opens no workspace, where they are keyed."""
    named_another = bool(identity.keys) and workspace_of(identity.keys[0]) != identity.workspace
    reason = _NAMED if named_another else _NO_KEY
    problem = credential.problem or Problem(outcome="unauthorized", field=credential.field, reason=reason)
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


def malformed_workspace(name: str) -> Complaint:
    """The refusal of a name that no workspace can have."""
    return Complaint(
        400,
        "malformed-workspace",
        "Malformed workspace name",
        f"a workspace's name is 1 to 63 of a-z, 0-9, _ and -, the first a letter or digit, not {name[:80]!r}",
    )


def _live(request: Request, credential: Credential, live_keys: Sequence[str]) -> Problem | None:
    """A real credential, wherever in the header it stands."""
    texts = (request.headers.get("authorization", ""), *credential.names)
    if any(re.search(live, text) for live in live_keys for text in texts):
        return Problem(outcome="unauthorized", field=credential.field, reason=_LIVE)
    return None


def _pretending(credential: Credential) -> Problem | None:
    if any(pretends(name) for name in credential.names[:1]):
        return Problem(outcome="unauthorized", field=credential.field, reason=_MALFORMED)
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

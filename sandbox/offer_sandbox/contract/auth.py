"""How a provider reads credentials and renders errors."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from offer_sandbox.contract.errors import RequestIssue
from offer_sandbox.contract.http import Request, Response
from offer_sandbox.contract.operation import Call, Operation
from offer_sandbox.contract.outcome import Outcome
from offer_sandbox.world.world import World

if TYPE_CHECKING:  # schemas are the provider's; this layer stays with the standard library
    from marshmallow import Schema


@dataclass(frozen=True, kw_only=True)
class Credential:
    """What a request brought to prove who calls.

    `names` are the strings that may name a workspace, the most telling first; `problem` is set when the
    credential is missing or malformed for this provider. `field` says where it stands.
    """

    names: tuple[str, ...] = ()
    problem: RequestIssue | None = None
    field: str = "header.authorization"


def _no_further_check(_: Call, __: Credential) -> None:
    return None


def _minted_nowhere(_: World, __: str) -> bool:
    return False


def _as_found(problems: Sequence[RequestIssue]) -> Sequence[RequestIssue]:
    return problems


def _as_declared(_: Call, problem: RequestIssue) -> RequestIssue:
    return problem


def demo_bearer(word: str = "") -> str:
    """The Authorization header with which steps call the demo workspace; its token may end in a word of magic."""
    return f"Bearer sbx_demo.{word}" if word else "Bearer sbx_demo"


def _as_bearer(_: Operation, word: str) -> str:
    return demo_bearer(word)


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """`credential` reads a request; `authenticate` raises CallError for a credential this provider knows to be
    bad (expired, wrong scope); `minted` says whether a text is a token that the provider has minted in a workspace
    under its present key; `arrange` picks and orders the problems that are told (the first names the
    outcome); `render` words an outcome's refusal; `forced` fits the sample problem of a forced outcome to
    the call, whose body has not been judged. `error` is the schema of a refusal's body, `security` the OpenAPI
    security schemes, the usual one first. `authorization` is the header with which steps call an operation in the
    demo workspace, its credential ending in a word of magic.
    """

    credential: Callable[[Request, Operation], Credential]
    render: Callable[[Outcome, Sequence[RequestIssue], Request], Response]
    error: "Schema"
    security: Mapping[str, Mapping[str, str]]
    authorization: Callable[[Operation, str], str] = field(default=_as_bearer)
    authenticate: Callable[[Call, Credential], None] = _no_further_check
    minted: Callable[[World, str], bool] = _minted_nowhere
    arrange: Callable[[Sequence[RequestIssue]], Sequence[RequestIssue]] = field(default=_as_found)
    forced: Callable[[Call, RequestIssue], RequestIssue] = field(default=_as_declared)


def customary_headers(outcome: Outcome, challenge: str = "") -> tuple[tuple[str, str], ...]:
    """What HTTP itself asks of some refusals: when to come again after too many requests (one second, for every
    provider), and with a `challenge` how to authenticate."""
    if outcome.name == "rate_limited":
        return (("Retry-After", "1"),)
    return (("WWW-Authenticate", challenge),) if challenge and outcome.name == "unauthorized" else ()


def bearer(request: Request, _: Operation) -> Credential:
    """The token of an Authorization header of the form `Bearer <token>`; without one, `unauthorized`."""
    scheme, _space, token = request.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        reason = "the Authorization header must be Bearer with a token"
        return Credential(
            problem=RequestIssue(outcome="unauthorized", field="header.authorization", reason=reason)
        )
    return Credential(names=(token.strip(),))


def from_base64(value: str) -> str:
    """The text that a Basic credential stands for in base64; empty for what is no base64 of a text."""
    try:
        return base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except ValueError:  # no base64, no UTF-8, or no ASCII to begin with
        return ""

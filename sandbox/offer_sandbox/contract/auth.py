"""How a provider reads credentials and renders errors."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from offer_sandbox.contract.errors import RequestIssue
from offer_sandbox.contract.http import Request, Response
from offer_sandbox.contract.operation import Call, Operation
from offer_sandbox.contract.outcome import Outcome
from offer_sandbox.world.world import World

if TYPE_CHECKING:  # providers bring the schemas, so this layer does not import marshmallow when it runs
    from marshmallow import Schema


@dataclass(frozen=True, kw_only=True)
class Credential:
    """The credential of a request, as the provider reads it.

    - `names`: the strings that may be a sandbox key and so name a workspace. The first one has priority. Empty by
      default.
    - `problem`: the problem if the credential is missing or malformed for this provider, otherwise None (the
      default).
    - `field`: the path of the field that holds the credential. The default is `header.authorization`.
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
    """Returns the Authorization header with which steps call the workspace `demo`. If `word` is a magic word, the
    token ends in it, as in `Bearer sbx_demo.rate_limited`."""
    return f"Bearer sbx_demo.{word}" if word else "Bearer sbx_demo"


def _as_bearer(_: Operation, word: str) -> str:
    return demo_bearer(word)


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """The provider-specific handling of credentials and errors.

    - `credential`: reads the credential from a request to an operation.
    - `render`: returns the error response of an outcome for the problems of a request.
    - `error`: the schema of an error response's body.
    - `security`: the OpenAPI security schemes by name. The first one is the default of an operation.
    - `authorization`: returns the Authorization header with which steps call an operation in the workspace `demo`.
      Its second argument is the magic word in which the credential ends. The default is a Bearer token.
    - `authenticate`: raises CallError if this provider knows the credential to be bad (expired, wrong scope). The
      default accepts every credential.
    - `minted`: returns whether a text is a token that the provider has issued in a workspace under its present
      key. The default is False for every text.
    - `arrange`: selects and orders the problems that are reported. The first one decides the outcome. The default
      reports all of them in the order in which they were found.
    - `forced`: adapts the sample problem of a forced outcome to the call, whose body has not been validated. The
      default leaves it unchanged.
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

    @property
    def usual_scheme(self) -> str:
        """The name of the security scheme of an operation that names none."""
        return next(iter(self.security))

    def scheme(self, operation: Operation) -> str:
        """Returns the name of an operation's security scheme."""
        return operation.security or self.usual_scheme


def naming_field(**parameters: str) -> Callable[[Call, RequestIssue], RequestIssue]:
    """Returns a function for `Dialect.forced` that names the first documented field of the request in a forced
    validation error. `{field}` in the `parameters` is replaced with its name. The sample problem stays if the
    request has no such field."""

    def forced(call: Call, problem: RequestIssue) -> RequestIssue:
        name = call.first_field
        if problem.outcome != "validation_error" or not name:
            return problem
        filled = {key: text.format(field=name) for key, text in parameters.items()}
        return replace(problem, field=f"body.{name}", parameters=filled)

    return forced


def customary_headers(outcome: Outcome, challenge: str = "") -> tuple[tuple[str, str], ...]:
    """Returns the headers that HTTP itself defines for some errors. `rate_limited` has `Retry-After` with one
    second, for every provider. `unauthorized` has `WWW-Authenticate` if there is a `challenge`, which describes
    how to authenticate."""
    if outcome.name == "rate_limited":
        return (("Retry-After", "1"),)
    return (("WWW-Authenticate", challenge),) if challenge and outcome.name == "unauthorized" else ()


def bearer(request: Request, _: Operation) -> Credential:
    """Reads the token of an Authorization header of the form `Bearer <token>`. Without a token, the credential has
    the problem `unauthorized`."""
    scheme, _space, token = request.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        reason = "the Authorization header must be Bearer followed by a token"
        return Credential(
            problem=RequestIssue(outcome="unauthorized", field="header.authorization", reason=reason)
        )
    return Credential(names=(token.strip(),))


def from_base64(value: str) -> str:
    """Returns the text that a Basic credential encodes in base64. Returns an empty string if the value is not
    UTF-8 text in base64."""
    try:
        return base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except ValueError:  # not base64, not UTF-8, or not even ASCII
        return ""

"""Requests that cannot be read: the readable part of one, and its refusal."""

import re
from typing import NamedTuple

from offer_sandbox.contract import Response
from offer_sandbox.contract.errors import MEDIA_TYPE, ProblemDetailsError
from offer_sandbox.server.framing import MalformedRequest
from offer_sandbox.server.incoming import Incoming

_PROBLEMS = {
    400: ("malformed-request", "Malformed request"),
    403: ("foreign-host", "Foreign host"),
    431: ("head-too-large", "Request header fields too large"),
    501: ("not-implemented", "Not implemented"),
    505: ("version-not-supported", "HTTP version not supported"),
}
_REQUEST_LINE = re.compile(rb"([^ ]{1,32}) (.+?)(?: ([A-Z]+/[0-9.]+))?\r?\n")
_ORIGIN = re.compile(rb"^[A-Za-z]+://[^/?]*")
_NO_URL = re.compile(rb"[^\x21-\x7e]")


class Unreadable(NamedTuple):
    """The reason why a request cannot be read, and the request as far as its head is readable."""

    error: MalformedRequest
    request: Incoming | None

    @property
    def problem(self) -> ProblemDetailsError:
        """The problem details of the refusal (RFC 9457)."""
        kind, title = _PROBLEMS[self.error.status]
        return ProblemDetailsError(self.error.status, kind, title, str(self.error))


def response_of(problem: ProblemDetailsError) -> Response:
    """Returns the refusal of a request that belongs to no provider."""
    reason = problem.detail.encode("ascii", "backslashreplace").decode()
    return Response(
        status=problem.status,
        body=problem.document(),
        media_type=MEDIA_TYPE,
        headers=(("X-Sandbox-Reason", reason),),
    )


def incoming_of(head: bytes) -> Incoming | None:
    """Returns the readable part of a request with an invalid head, or None if the request line is unreadable.

    Characters that are not allowed in a URL are percent-encoded in `path` and `query` but not in `target`.
    """
    line = _REQUEST_LINE.match(head)
    if line is None:
        return None
    method, target, version = line.groups()
    address = _ORIGIN.sub(b"", _NO_URL.sub(lambda found: b"%%%02X" % found[0][0], target))
    path, _, query = address.partition(b"?")
    # lines that continue a header are left out, because one may contain a credential
    lines = [each for each in head[line.end() :].splitlines() if not each.startswith((b" ", b"\t"))]
    fields = [each.partition(b":") for each in lines]
    headers = [(name, value.strip(b" \t")) for name, colon, value in fields if colon]
    word = (version or b"").decode("ascii")
    return Incoming(method.decode("latin-1"), target, path, query, word, headers, keep_alive=False)

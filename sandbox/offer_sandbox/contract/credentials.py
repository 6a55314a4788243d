"""Credentials that more than one provider reads alike; what a workspace makes of them is the exchange's."""

import base64

from offer_sandbox.contract.dialect import Credential
from offer_sandbox.contract.http import Request
from offer_sandbox.contract.operation import Operation
from offer_sandbox.contract.refusal import Problem


def bearer(request: Request, _: Operation) -> Credential:
    """The token of an Authorization header of the form `Bearer <token>`; without one, `unauthorized`."""
    scheme, _space, token = request.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        reason = "the Authorization header must be Bearer with a token"
        return Credential(problem=Problem(outcome="unauthorized", field="header.authorization", reason=reason))
    return Credential(names=(token.strip(),))


def demo_bearer(word: str = "") -> str:
    """The Authorization header with which steps call the demo workspace; its token may end in a word of magic."""
    return f"Bearer sbx_demo.{word}" if word else "Bearer sbx_demo"


def from_base64(value: str) -> str:
    """The text that a Basic credential stands for in base64; empty for what is no base64 of a text."""
    try:
        return base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except ValueError:  # no base64, no UTF-8, or no ASCII to begin with
        return ""

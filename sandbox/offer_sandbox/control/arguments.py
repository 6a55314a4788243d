"""Declares the query arguments and bodies that control calls take, and refuses all others."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app, request

from offer_sandbox.control.body import json_object, misunderstood, only

View = TypeVar("View", bound=Callable[..., Any])
_ATTRIBUTE = "_accepts"
_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")  # whose body has no meaning (RFC 9110 9.3)


@dataclass(frozen=True)
class Accepted:
    """The query arguments of a call besides `workspace`, and whether it reads its body."""

    query: tuple[str, ...] = ()
    body: bool = False


def accepts(*query: str, body: bool = False) -> Callable[[View], View]:
    """Declares what a view takes: query arguments besides `workspace`, and a body that it reads and checks itself.
    A view without it takes neither."""

    def declare(view: View) -> View:
        setattr(view, _ATTRIBUTE, Accepted(query, body))
        return view

    return declare


def accepted(view: Callable[..., Any]) -> Accepted:
    """What a view takes."""
    found: Accepted = getattr(view, _ATTRIBUTE, Accepted())
    return found


def refuse_unknown() -> None:
    """Refuses query arguments and a body that the current call does not take: who sends a filter that is not known
    must not have everything removed. Raises Complaint (422; 400 for a body that is no JSON)."""
    taken = accepted(current_app.view_functions[request.endpoint or ""])
    known = [*taken.query, "workspace"]
    if unknown := [name for name in request.args if name not in known]:
        raise misunderstood(f"unknown query argument {unknown[0][:80]!r}", known=known)
    if not taken.body and request.method not in _WITHOUT_BODY:
        only(json_object(allow_empty=True))

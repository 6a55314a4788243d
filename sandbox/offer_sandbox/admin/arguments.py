"""Declares what a control call takes and concerns, and refuses arguments and bodies that it does not take."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from flask import current_app, request

from offer_sandbox.admin.http import json_object, reject_unknown_members, unprocessable

View = TypeVar("View", bound=Callable[..., Any])
_ACCEPTS, _CONCERNS = "_accepts", "_concerns"
_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")  # whose body has no meaning (RFC 9110 9.3)


class Concern(Enum):
    """What a control call works on, which decides who may make it.

    A call on a WORKSPACE needs that workspace to exist where workspaces are made on purpose. One on an EXCHANGE
    names it by its id, which cannot be guessed. One on the SERVER names no workspace, or does so in its address.
    """

    WORKSPACE = "workspace"
    EXCHANGE = "exchange"
    SERVER = "server"


@dataclass(frozen=True)
class Accepted:
    """The query arguments of a call besides `workspace`, and whether it reads its body; with `anything` neither is
    looked at."""

    query: tuple[str, ...] = ()
    body: bool = False
    anything: bool = False


def accepts(*query: str, body: bool = False, anything: bool = False) -> Callable[[View], View]:
    """Declares what a view takes: query arguments besides `workspace`, and a body that it reads and checks itself.
    A view without it takes neither."""

    def declare(view: View) -> View:
        setattr(view, _ACCEPTS, Accepted(query, body, anything))
        return view

    return declare


def accepted(view: Callable[..., Any]) -> Accepted:
    """What a view takes."""
    found: Accepted = getattr(view, _ACCEPTS, Accepted())
    return found


def concerns(concern: Concern) -> Callable[[View], View]:
    """Declares what a view concerns. A view without it concerns a workspace."""

    def declare(view: View) -> View:
        setattr(view, _CONCERNS, concern)
        return view

    return declare


def concern_of(view: Callable[..., Any]) -> Concern:
    """What a view concerns."""
    found: Concern = getattr(view, _CONCERNS, Concern.WORKSPACE)
    return found


def current_view() -> Callable[..., Any]:
    """The view of the current call."""
    view: Callable[..., Any] = current_app.view_functions[request.endpoint or ""]
    return view


def refuse_unknown() -> None:
    """Refuses query arguments and a body that the current call does not take: who sends a filter that is not known
    must not have everything removed. Raises ProblemDetailsError (422; 400 for a body that is no JSON)."""
    taken = accepted(current_view())
    if taken.anything:
        return
    known = [*taken.query, "workspace"]
    if unknown := [name for name in request.args if name not in known]:
        raise unprocessable(f"unknown query argument {unknown[0][:80]!r}", known=known)
    if not taken.body and request.method not in _WITHOUT_BODY:
        reject_unknown_members(json_object(allow_empty=True))

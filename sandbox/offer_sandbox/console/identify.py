"""The page that names the outcomes of a pasted response."""

from functools import cache

from flask import Response, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from offer_sandbox.admin.services import services
from offer_sandbox.console import page
from offer_sandbox.publish.identification import Identifier, Match
from offer_sandbox.publish.pasted import MAX_BYTES, candidates

_SHOWN = 5


def show() -> Response:
    """Returns the page with an empty form."""
    return page.show("identify.html", "identify")


def identify() -> Response:
    """Returns the page with the outcomes of the pasted response, likeliest first."""
    request.max_form_memory_size = MAX_BYTES
    try:
        pasted = request.form.get("response", "")
    except (RequestEntityTooLarge, ClientDisconnected):  # the server cuts a body that is too long for it
        return page.show("identify.html", "identify", 413, refused="The response has more than 1 MiB.")
    return page.show("identify.html", "identify", pasted=pasted, matches=_matches(pasted)[:_SHOWN])


def _matches(pasted: str) -> list[Match]:
    return _identifier().best(candidates(pasted)) if pasted.strip() else []


@cache
def _identifier() -> Identifier:
    return Identifier(services().providers)

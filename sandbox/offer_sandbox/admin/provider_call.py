"""Answers a call to a provider from inside a Flask view."""

from collections.abc import Callable

from flask import Response as FlaskResponse

from offer_sandbox.admin.services import services
from offer_sandbox.admin.suspend import planned
from offer_sandbox.contract import Delivery, Request, Response
from offer_sandbox.exchange.context import Exchange


def answered(request: Request, show: Callable[[Response], FlaskResponse]) -> FlaskResponse:
    """Returns the provider's response in the form that `show` gives it. Its delay and its fault apply to the
    response of the view."""
    pipeline = services().pipeline

    def view(resumed: Exchange | None) -> tuple[FlaskResponse, Delivery]:
        response, delivery = pipeline.handle(request, resumed)
        return show(response), delivery

    return planned(view)

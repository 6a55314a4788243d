"""The JSON answers of the control API; knows no resource."""

from typing import Any

from flask import Response

from offer_sandbox.world.json_codec import dump


def answer(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(dump(value), status=status, content_type="application/json")


def nothing() -> Response:
    """204: it is done, and there is nothing to be said of it."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response

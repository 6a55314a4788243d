"""The headers that protect a page against foreign content and against being framed."""

from flask import Response

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def protected(response: Response, inline_style: bool = False) -> Response:
    """Returns the response with these headers. `inline_style` allows styles in the page. Swagger UI needs it."""
    style = "style-src 'self' 'unsafe-inline'" if inline_style else "style-src 'self'"
    response.headers["Content-Security-Policy"] = _POLICY.replace("style-src 'self'", style)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response

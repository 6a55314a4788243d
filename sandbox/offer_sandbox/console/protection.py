"""The headers that protect a page against foreign content and against being framed."""

from flask import Response

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src {style}; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def protected(response: Response, inline_style: bool = False) -> Response:
    """Returns the response with these headers. `inline_style` allows styles in the page. Swagger UI needs it."""
    style = "'self' 'unsafe-inline'" if inline_style else "'self'"
    response.headers["Content-Security-Policy"] = _POLICY.format(style=style)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"  # with less, a form would be sent with the Origin null
    response.headers["Cache-Control"] = "no-store"
    return response

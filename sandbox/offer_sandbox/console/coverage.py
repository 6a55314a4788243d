"""The outcome coverage: which documented outcomes clients have received, for each operation that was called."""

from typing import Any

from flask import Response, request

from offer_sandbox.admin.auth import confined_to
from offer_sandbox.admin.resources.coverage import get_coverage
from offer_sandbox.console import page
from offer_sandbox.contract.errors import ProblemDetailsError

_KINDS = {"": "documented behaviour", "infrastructure": "and infrastructure (401, 429, 500)"}


def show() -> Response:
    """Returns the page. The query parameter `kinds` has further kinds that count. Raises ProblemDetailsError (403)
    for a visitor with the key of a workspace, because the coverage concerns all of them."""
    if confined_to() is not None:
        raise ProblemDetailsError(403, "forbidden", "Forbidden", "this page concerns the whole server")
    kinds = request.args.get("kinds", "").strip()
    coverage = get_coverage.view(query={"kinds": kinds})
    return page.show(
        "coverage.html",
        "coverage",
        coverage=coverage,
        kinds=_KINDS,
        chosen=kinds,
        operations=[(each, _outcomes(coverage, each["operation"])) for each in coverage["operations"]],
    )


def _outcomes(coverage: dict[str, Any], operation: str) -> tuple[list[Any], list[Any]]:
    """Returns the outcomes of an operation that are not covered, and those that are."""
    own = [each for each in coverage["outcomes"] if each["operation"] == operation]
    return [each for each in own if not each["served"]], [each for each in own if each["served"]]

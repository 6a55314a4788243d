"""The API reference: Swagger UI with the document of a provider or of the control API."""

import json
import re
from collections.abc import Iterator
from typing import Any

from flask import render_template, request

from offer_sandbox.admin.services import services
from offer_sandbox.contract import Provider, from_base64
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.contract.http import JSON
from offer_sandbox.contract.outcome import UNMATCHED
from offer_sandbox.publish.specs import CONTROL

_DEMO = "demo"
_DEMO_KEY = re.compile(r"sbx_demo\.?")  # in the credentials of the catalogue's steps


def show(name: str = "") -> str:
    """Returns the page for a document, by default the first provider's. The query parameter `workspace` selects
    the workspace of the credentials. Raises ProblemDetailsError (404) for an unknown document."""
    providers = services().providers
    titles = {**{each.name: each.title for each in providers.values()}, CONTROL: "Control API"}
    name = name or next(iter(titles))
    if name not in titles:
        detail = f"there is no document {name[:100]!r}"
        raise ProblemDetailsError(404, "unknown-document", "Unknown document", detail, known=[*titles])
    workspace = request.args.get("workspace", _DEMO)
    provider, keyed = providers.get(name), services().workspaces.keyed
    return render_template(
        "reference.html",
        name=name,
        titles=titles,
        workspace=workspace,
        document=f"/__admin/specs/{name}.json" if provider else "/__admin/openapi.json",
        outcomes=_outcomes(provider) if provider else {},
        content_type=JSON if provider and _always_typed(provider) else "",
        credentials=json.dumps([*_credentials(provider, workspace)] if provider and not keyed else []),
        guarded=services().admin_token is not None,
    )


def _outcomes(provider: Provider) -> dict[str, str]:
    """Returns the titles of the operations' outcomes by name. Of outcomes with the same name it has the first."""
    known = [each for each in provider.parts.outcomes if each.operation != UNMATCHED]
    return {outcome.name: outcome.title for outcome in reversed(known)}


def _always_typed(provider: Provider) -> bool:
    """Returns whether an operation without a body requires a content type, which OpenAPI cannot express."""
    return any(
        (name, "unsupported_media_type") in provider.outcomes
        for name, operation in provider.operations.items()
        if operation.body is None
    )


def _credentials(provider: Provider, workspace: str) -> Iterator[dict[str, Any]]:
    """Yields a credential of the workspace for each security scheme, in the form that Swagger UI takes."""
    dialect = provider.parts.dialect
    for scheme in dialect.security:
        operation = next((each for each in provider.parts.operations if dialect.scheme(each) == scheme), None)
        if operation is not None:
            header = dialect.authorization(operation, "")
            yield {"scheme": scheme, **_credential(header, f"sbx_{workspace}")}


def _credential(header: str, key: str) -> dict[str, str]:
    kind, _, value = header.partition(" ")
    if kind != "Basic":
        return {"token": _DEMO_KEY.sub(key, value)}
    user, _, password = _DEMO_KEY.sub(key, from_base64(value) or value).partition(":")
    return {"user": user, "password": password}

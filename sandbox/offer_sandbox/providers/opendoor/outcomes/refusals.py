"""Outcomes that are refusals: unknown ids, infrastructure, and what no resolver sees."""

from dataclasses import replace

from offer_sandbox.contract import Outcome, Step, answered, infrastructure, refusal
from offer_sandbox.providers.opendoor.documents import READ_DOCUMENT
from offer_sandbox.providers.opendoor.outcomes.calls import HEADERS, PATH, authorization, graphql

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
_SPEC = "GraphQL over HTTP specification; Opendoor's pages are silent"


def unmatched() -> list[Outcome]:
    """What no resolver sees."""
    raw = replace(graphql(""), body="{not json")
    plain = {"Authorization": "Basic sbx_demo"}
    nested = "{ a " * 21 + "}" * 21
    aliases = " ".join(f"a{index}: __typename" for index in range(31))
    mutation = "mutation%20%7B%20__typename%20%7D"
    listed: list[tuple[str, str, int, Step]] = [
        ("parse_error", "The document does not parse", 200, graphql("{ offerRequest(")),
        ("validation_error", "The document does not fit the schema", 200, graphql("{ unknownField }")),
        (
            "coercion_error",
            "A variable does not fit its type",
            200,
            graphql(READ_DOCUMENT, {"opendoorOfferRequestId": 5}),
        ),
        ("token_limit", "The document has too many tokens", 200, graphql("{ " + "a " * 2001 + "}")),
        ("depth_limit", "The document is nested too deep", 200, graphql(nested)),
        ("alias_limit", "The document has too many aliases", 200, graphql("{ " + aliases + " }")),
        ("invalid_json", "The body is not JSON", 400, raw),
        ("invalid_parameters", "The parameters are malformed", 400, graphql(None)),
        (
            "unsupported_media_type",
            "The content type is not JSON",
            415,
            replace(raw, headers={**plain, "Content-Type": "text/plain"}, body="{ __typename }"),
        ),
        (
            "not_acceptable",
            "The client accepts no JSON",
            406,
            graphql("{ __typename }", headers={**HEADERS, "Accept": "text/html"}),
        ),
        (
            "mutation_by_get",
            "A mutation is sent by GET",
            405,
            Step(method="GET", path=f"{PATH}?query={mutation}", headers=plain),
        ),
        ("not_found", "No such path", 404, Step(method="GET", path=f"{PATH}/unknown", headers=plain)),
        (
            "method_not_allowed",
            "The endpoint does not take the method",
            405,
            Step(method="PUT", path=PATH, headers=plain),
        ),
    ]
    errors = [refusal("unmatched", *row, source=_SPEC) for row in listed]
    too_large = refusal("unmatched", "payload_too_large", "The body is larger than the sandbox reads", 413)
    options = refusal(
        "unmatched",
        "options",
        "The methods of the endpoint",
        204,
        Step(method="OPTIONS", path=PATH, headers=plain),
        kind="success",
    )
    return [
        _introspection(),
        *errors,
        too_large,
        options,
        *infrastructure("unmatched", graphql("{ unknownField }"), authorization),
    ]


def _introspection() -> Outcome:
    title, ask = "The schema describes itself", graphql("{ __schema { queryType { name } } }")
    return answered("unmatched", "introspection", title, 200, ask, source=_SPEC, evidence="inferred")


def not_found(operation: str, step: Step) -> Outcome:
    """The outcome of a call that names an unknown offer request."""
    return refusal(operation, "NOT_FOUND", "There is no such offer request", 200, step)

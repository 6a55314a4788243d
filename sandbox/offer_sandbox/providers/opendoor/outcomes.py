"""Opendoor's catalogue: states, the 41 denials at their stages, GraphQL's own errors, with calls to each."""

from dataclasses import replace
from typing import Any

from offer_sandbox.contract import Magic, Minted, Outcome, Problem, Step
from offer_sandbox.contract.outcome import Evidence, Kind
from offer_sandbox.providers.opendoor.behaviour import (
    DENIED,
    ENDLESS,
    EVALUATING,
    EXPIRED,
    OFFERED,
    PENDING,
    SLOW,
)
from offer_sandbox.providers.opendoor.denials import (
    DENIALS,
    DISQUALIFYING,
    EARLIEST_YEAR,
    ON_UPDATE,
    codes_of,
)
from offer_sandbox.providers.opendoor.documents import CREATE_DOCUMENT, READ_DOCUMENT, UPDATE_DOCUMENT
from offer_sandbox.providers.opendoor.fixtures import OFFERED_ID, PENDING_ID
from offer_sandbox.providers.opendoor.operations import CREATE, READ, UPDATE

PATH = "/opendoor/graphql"
_HEADERS = {"Authorization": "Basic sbx_demo", "Content-Type": "application/json"}
_WALKTHROUGH = "Opendoor, Generating Offers"
_STATES = "Opendoor, Generating Offers: Understanding the Offer Request State Machine"
_GUIDE = "Opendoor, Denial codes guide"
_OURS = "no public page; the sandbox's own choice"
_SPEC = "GraphQL over HTTP specification; Opendoor's pages are silent"
_CREATED = Minted("offerRequests", 1)


def graphql(query: Any, variables: Any = None, headers: dict[str, str] | None = None) -> Step:
    """A POST of a GraphQL document."""
    body = {"query": query, **({"variables": variables} if variables is not None else {})}
    return Step(method="POST", path=PATH, headers=headers or _HEADERS, body=body)


def _create(street: str = "1 Post St") -> Step:
    address = {"street1": street, "city": "San Francisco", "state": "CA", "postalCode": "94104"}
    return graphql(CREATE_DOCUMENT, {"offerRequestCreateInput": {"address": address}})


def _update(answers: dict[str, Any], id: Any = PENDING_ID) -> Step:
    given = {"opendoorOfferRequestId": id, "offerInput": answers}
    return graphql(UPDATE_DOCUMENT, {"offerRequestUpdateInput": given})


def _submit(tag: str = "", id: Any = PENDING_ID) -> Step:
    contacts = {"sellerFullName": "Ada Lovelace", "sellerEmail": f"ada{tag}@example.com"}
    return _update({"homeAboveGradeSqFt": 2143, **contacts}, id)


def _read(id: Any = PENDING_ID) -> Step:
    return graphql(READ_DOCUMENT, {"opendoorOfferRequestId": id})


def _advance(span: str) -> Step:
    headers = {"Authorization": "Bearer sbx_demo", "Content-Type": "application/json"}
    return Step(method="POST", path="/__admin/clock/advance", headers=headers, body={"by": span})


def _spelled(code: str) -> str:
    return code.lower().replace("_", "-")


def _street(code: str) -> str:
    return f"1 Deny {_spelled(code)} St"


def _tag(code: str) -> str:
    return f"+deny-{_spelled(code)}"


def _state(
    operation: str,
    name: str,
    title: str,
    *steps: Step,
    evidence: Evidence = "seed",
    magic: Magic | None = None,
) -> Outcome:
    return Outcome(
        operation=operation,
        name=name,
        title=title,
        kind="state",
        status=200,
        evidence=evidence,
        source=_STATES if evidence == "seed" else _OURS,
        magic=magic,
        steps=steps,
    )


def _denial(operation: str, code: str, *steps: Step, magic: Magic | None) -> Outcome:
    """One of the 41 codes; the code is documented, our text and the answers that lead to it are not."""
    return Outcome(
        operation=operation,
        name=code,
        title=DENIALS[code].explanation,
        kind="denial",
        status=200,
        evidence="docs",
        source=_GUIDE,
        magic=magic,
        steps=steps,
    )


_STREET_FIELD = "body.variables.offerRequestCreateInput.address.street1"
_EMAIL_FIELD = "body.variables.offerRequestUpdateInput.offerInput.sellerEmail"


def _by_street(value: str) -> Magic:
    return Magic(_STREET_FIELD, value)


def _by_email(tag: str) -> Magic:
    return Magic(_EMAIL_FIELD, f"ada{tag}@example.com")


def _creations() -> list[Outcome]:
    return [
        _state(CREATE, PENDING, "The offer request is made and takes answers", _create()),
        *(
            _denial(CREATE, code, _create(_street(code)), magic=_by_street(_street(code)))
            for code in codes_of("create")
        ),
    ]


def _natural_answer(code: str) -> dict[str, Any] | None:
    """An answer that denies a request for the code without any magic."""
    if code == "BEFORE_1960":
        return {"homeYearBuilt": EARLIEST_YEAR - 1}
    return next(({name: True} for name, given in DISQUALIFYING.items() if given == code), None)


def _updates() -> list[Outcome]:
    tardy = "The evaluation takes 25 seconds"
    return [
        _state(UPDATE, PENDING, "The answers are kept, more are taken", _update({"homeBedrooms": 3})),
        _state(UPDATE, EVALUATING, "The request is submitted and being evaluated", _submit()),
        _state(
            UPDATE,
            OFFERED,
            "The answers are kept but change nothing",
            _update({"homeBedrooms": 3}, OFFERED_ID),
        ),
        _state(
            UPDATE,
            EXPIRED,
            "The request is submitted and its offer will have expired at once",
            _submit("+expire-now"),
            evidence="inferred",
            magic=_by_email("+expire-now"),
        ),
        _state(
            UPDATE,
            DENIED,
            "The request was denied before and stays as it is",
            _update({"homeEligibilityCriteriaFireDamage": True}),
            _update({"homeBedrooms": 3}),
            evidence="inferred",
        ),
        _state(
            UPDATE,
            SLOW,
            tardy,
            _submit("+evaluate-25s"),
            evidence="inferred",
            magic=_by_email("+evaluate-25s"),
        ),
        _state(
            UPDATE,
            ENDLESS,
            "The evaluation never ends",
            _submit("+evaluate-forever"),
            evidence="inferred",
            magic=_by_email("+evaluate-forever"),
        ),
        *(_denial(UPDATE, code, _denying_update(code), magic=_by_email(_tag(code))) for code in ON_UPDATE),
    ]


def _denying_update(code: str) -> Step:
    natural = _natural_answer(code)
    return _update(natural) if natural else _submit(_tag(code))


def _reads() -> list[Outcome]:
    return [
        _state(READ, PENDING, "The request takes answers", _read()),
        _state(READ, EVALUATING, "The request is being evaluated", _submit("+evaluate-forever"), _read()),
        _state(READ, OFFERED, "There is an offer", _submit(), _advance("PT5S"), _read()),
        _state(
            READ,
            EXPIRED,
            "The offer is past its expiration; its status stays OFFERED",
            _submit(),
            _advance("P8D"),
            _read(),
            evidence="inferred",
        ),
        *(_denial(READ, code, *_denied_before(code), magic=None) for code in DENIALS),
    ]


def _denied_before(code: str) -> tuple[Step, ...]:
    if DENIALS[code].stage == "create":
        return _create(_street(code)), _read(_CREATED)
    if DENIALS[code].stage == "update":
        return _denying_update(code), _read()
    return _submit(_tag(code)), _advance("PT5S"), _read()


def _error(
    operation: str,
    name: str,
    title: str,
    status: int,
    *steps: Step,
    kind: Kind = "error",
    source: str = _OURS,
    magic: Magic | None = None,
) -> Outcome:
    return Outcome(
        operation=operation,
        name=name,
        title=title,
        kind=kind,
        status=status,
        evidence="inferred",
        source=source,
        problem=Problem(outcome=name, reason=title),
        magic=magic,
        steps=steps,
    )


def _infrastructure(operation: str, step: Step) -> list[Outcome]:
    return [
        _error(
            operation,
            name,
            title,
            status,
            replace(step, headers={**step.headers, "Authorization": f"Basic sbx_demo.{name}"}),
            kind="infrastructure",
            magic=Magic("header.authorization", f"Basic sbx_demo.{name}"),
        )
        for name, title, status in (
            ("unauthorized", "The API key is missing or wrong", 401),
            ("forbidden", "The API key does not open this operation", 403),
            ("rate_limited", "Too many requests", 429),
            ("internal_error", "Opendoor's systems have an internal error", 500),
            ("unavailable", "The service is temporarily unavailable", 503),
        )
    ]


_UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


def _unmatched() -> list[Outcome]:
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
            graphql("{ __typename }", headers={**_HEADERS, "Accept": "text/html"}),
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
    errors = [_error("unmatched", *row, source=_SPEC) for row in listed]
    too_large = _error("unmatched", "payload_too_large", "The body is larger than the sandbox reads", 413)
    options = _error(
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
        *_infrastructure("unmatched", graphql("{ unknownField }")),
    ]


def _introspection() -> Outcome:
    return Outcome(
        operation="unmatched",
        name="introspection",
        title="The schema describes itself",
        kind="success",
        status=200,
        evidence="inferred",
        source=_SPEC,
        steps=(graphql("{ __schema { queryType { name } } }"),),
    )


OUTCOMES = (
    *_creations(),
    *_infrastructure(CREATE, _create()),
    *_updates(),
    _error(UPDATE, "NOT_FOUND", "There is no such offer request", 200, _update({"homeBedrooms": 3}, _UNKNOWN_ID)),
    *_infrastructure(UPDATE, _update({"homeBedrooms": 3})),
    *_reads(),
    _error(READ, "NOT_FOUND", "There is no such offer request", 200, _read(_UNKNOWN_ID)),
    *_infrastructure(READ, _read()),
    *_unmatched(),
)

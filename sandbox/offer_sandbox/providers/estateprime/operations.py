"""EstatePrime's two operations on offers, and their handlers."""

from typing import Any

from offer_sandbox.contract import Call, CallError, Operation, Reply, RequestIssue, page
from offer_sandbox.providers.estateprime import behaviour, market_operations, query_filter, schemas
from offer_sandbox.providers.estateprime.request_checks import validate, worded
from offer_sandbox.schemas.validator import SchemaError, validator_for

LIST, GET = "listOffers", "getOffer"
_PAGE = "EstatePrime, Offers"
_FILTER = schemas.OfferFilter()


def new_id(_: int, __: str, ordinal: int) -> str:
    """Returns the ordinal as the n-th id. Calls create no records, so it is never used."""
    return str(ordinal)


@Operation(
    name=LIST,
    method="GET",
    path="/api/offers",
    evidence="seed",
    source=f"{_PAGE}: Get offers",
    tag="Offers",
    validate=validate,
    query=schemas.PageQuery(),
    body=_FILTER,
    answers={200: schemas.OfferPage()},
)
def list_offers(call: Call) -> Reply:
    """Returns a paginated, filtered list of offers.

    The optional filters are in a JSON body, although the method is GET, and an offer must match all of them. An
    absent body, an empty body, `{}` and `null` filter nothing, and a page has 50 offers without their rounds.
    The switch `estateprime.query_filter` also reads filters from the query, which EstatePrime does not. Any key
    pair may call it, with `Content-Type: application/json` even without a body. Without this header the response
    is 415, unless the switch `estateprime.require_json` is false, and the first invalid field results in 400.
    The order by ascending id, `page` in the query and most texts of errors are inferred.
    """
    filters = {**_query_filters(call), **(call.body or {})}
    number = int(filters.get("page") or call.query.get("page") or 1)
    where = behaviour.conditions(filters)
    found = page(call, "offers", number, behaviour.PAGE_SIZE, "id", **where)
    return Reply(
        outcome=found.outcome,
        body=behaviour.envelope(found),
        declined=found.declined,
        notices=_unread_filters(call),
    )


@Operation(
    name=GET,
    method="GET",
    path="/api/offers/{id}",
    evidence="seed",
    source=f"{_PAGE}: Get single offer",
    tag="Offers",
    parameters=schemas.OfferPath(),
    validate=validate,
    answers={200: schemas.OfferAnswer()},
)
def get_offer(call: Call) -> Reply:
    """Returns an offer with its negotiation.

    `rounds` has all rounds in chronological order and may be empty. The call ignores a body. Any key pair may call
    it, with `Content-Type: application/json`. Without this header the response is 415, unless the switch
    `estateprime.require_json` is false, and an unknown id results in 404 `Offer not found`. Most texts of
    errors are inferred.
    """
    offer = call.world.get("offers", call.path["id"])
    if offer is None:
        raise CallError.of("not_found", f"there is no offer {call.path['id'][:60]}", "path.id")
    if call.forced is not None:
        offer = behaviour.shown_as(offer, call.forced)
    return Reply(outcome=offer["status"], body={"status": 200, "data": offer})


def _query_filters(call: Call) -> dict[str, Any]:
    """Returns the filters in the query if the switch allows them. Raises CallError for an invalid one."""
    if not call.switches["estateprime.query_filter"]:
        return {}
    filters = query_filter.read(call.query)
    problems = [_query_problem(issue) for issue in validator_for(_FILTER).issues(filters)]
    if problems:
        raise CallError(problems)
    return filters


def _query_problem(issue: SchemaError) -> RequestIssue:
    path = ".".join(["query", *map(str, issue.path)])
    return worded(RequestIssue(outcome="validation_error", reason=issue.text, field=path, key=issue.key))


def _unread_filters(call: Call) -> tuple[str, ...]:
    """Returns a notice about filters in the query, which EstatePrime does not read."""
    names = query_filter.names(call.query)
    if call.switches["estateprime.query_filter"] or not names:
        return ()
    return (
        f"the query parameters {', '.join(names)} did not filter: EstatePrime reads filters from the JSON body"
        " (the switch estateprime.query_filter reads them from the query too)",
    )


OPERATIONS = (list_offers, get_offer, *market_operations.OPERATIONS)

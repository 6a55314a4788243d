"""EstatePrime's calls for what offers point at: listings, contacts, buyer requests, users and contracts."""

from typing import Any

from offer_sandbox.contract import Call, CallError, Operation, Reply, page
from offer_sandbox.providers.estateprime import behaviour, schemas
from offer_sandbox.providers.estateprime import market_schemas as shapes
from offer_sandbox.providers.estateprime.request_checks import validate
from offer_sandbox.world.collection import Document

LISTING, CONTACT, REQUEST = "getListing", "getContact", "getRequest"
USERS, CONTRACTS = "listUsers", "listContracts"


@Operation(
    name=LISTING,
    method="GET",
    path="/api/listings/{id}",
    evidence="docs",
    source="EstatePrime, Listings",
    tag="Listings",
    parameters=shapes.ListingPath(),
    validate=validate,
    answers={200: shapes.ListingAnswer()},
)
def get_listing(call: Call) -> Reply:
    """Returns a property of an office.

    It has the fields that are known from the documentation, about a third of them. A listing with an accepted
    offer is `inactive` (inferred). `Content-Type: application/json` is required, as for offers. An unknown id
    results in 404 `Listing not found` (inferred).
    """
    return _shown(call, "listings", "Listing")


@Operation(
    name=REQUEST,
    method="GET",
    path="/api/requests/{id}",
    evidence="docs",
    source="EstatePrime, Requests",
    tag="Requests",
    parameters=shapes.RequestPath(),
    validate=validate,
    answers={200: shapes.RequestAnswer()},
)
def get_request(call: Call) -> Reply:
    """Returns a buyer request, which is what a buyer looks for.

    The property of each offer fits its request. A request with an accepted offer is `inactive` (inferred).
    `Content-Type: application/json` is required, as for offers. An unknown id results in 404 `Request not found`
    (inferred).
    """
    return _shown(call, "requests", "Request")


@Operation(
    name=CONTACT,
    method="GET",
    path="/api/contacts/{id}",
    evidence="docs",
    source="EstatePrime, Contacts",
    tag="Contacts",
    parameters=shapes.ContactPath(),
    validate=validate,
    answers={200: shapes.ContactAnswer()},
)
def get_contact(call: Call) -> Reply:
    """Returns a person or a company.

    The buyers of offers are contacts, and so are the notaries of contracts. `Content-Type: application/json` is
    required, as for offers. An unknown id results in 404 `Contact not found` (inferred). One customer saw 200 with
    an empty list instead.
    """
    contact = _found(call, "contacts", "Contact")
    return Reply(outcome="success", body={"status": 200, "data": contact})


@Operation(
    name=USERS,
    method="GET",
    path="/api/users",
    evidence="docs",
    source="EstatePrime, Users",
    tag="Users",
    validate=validate,
    query=schemas.PageQuery(),
    body=shapes.UserFilter(),
    answers={200: shapes.UserPage()},
)
def list_users(call: Call) -> Reply:
    """Returns the users of the account.

    `created_by` of offers, rounds, contacts, requests and contracts has their ids. A page has 50 users, in
    ascending order of their ids (inferred). `Content-Type: application/json` is required, as for offers.
    """
    return _listed(call, "users")


@Operation(
    name=CONTRACTS,
    method="GET",
    path="/api/contracts",
    evidence="docs",
    source="EstatePrime, Contracts",
    tag="Contracts",
    validate=validate,
    query=shapes.ContractQuery(),
    body=shapes.ContractFilter(),
    answers={200: shapes.ContractPage()},
)
def list_contracts(call: Call) -> Reply:
    """Returns the contracts, or the contract of one offer.

    Each accepted offer has one contract (inferred). `offer_id` filters, in the JSON body or in the query, and the
    body takes precedence. Other filters have no effect. An offer without a contract results in an empty list.
    """
    given = (call.body or {}).get("offer_id", call.query.get("offer_id"))
    return _listed(call, "contracts", **({} if given is None else {"offer_id": int(given)}))


def _found(call: Call, collection: str, noun: str) -> Document:
    record = call.world.get(collection, call.path["id"])
    if record is None:
        id = call.path["id"][:60]
        raise CallError.of("not_found", f"there is no {noun.lower()} {id}", "path.id", message=f"{noun} not found")
    return record


def _shown(call: Call, collection: str, noun: str) -> Reply:
    """Returns a record in its status, or in the forced one."""
    record = _found(call, collection, noun)
    if call.forced is not None:
        record = {**record, "status": call.forced}
    return Reply(outcome=record["status"], body={"status": 200, "data": record})


def _listed(call: Call, collection: str, **where: Any) -> Reply:
    number = int((call.body or {}).get("page") or call.query.get("page") or 1)
    found = page(call, collection, number, behaviour.PAGE_SIZE, "id", **where)
    return Reply(outcome=found.outcome, body=behaviour.envelope(found), declined=found.declined)


OPERATIONS = (get_listing, get_request, get_contact, list_users, list_contracts)

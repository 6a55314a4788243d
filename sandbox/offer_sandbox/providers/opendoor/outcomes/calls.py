"""The literal calls that Opendoor's catalogue is made of; sends none of them."""

from typing import Any

from offer_sandbox.contract import Step
from offer_sandbox.providers.opendoor.documents import (
    CREATE_DOCUMENT,
    PRICING_DOCUMENT,
    READ_DOCUMENT,
    UPDATE_DOCUMENT,
)
from offer_sandbox.providers.opendoor.fixtures import PENDING_ID

PATH = "/opendoor/graphql"
HEADERS = {"Authorization": "Basic sbx_demo", "Content-Type": "application/json"}


def graphql(query: Any, variables: Any = None, headers: dict[str, str] | None = None) -> Step:
    """A POST of a GraphQL document."""
    body = {"query": query, **({"variables": variables} if variables is not None else {})}
    return Step(method="POST", path=PATH, headers=headers or HEADERS, body=body)


def create(street: str = "1 Post St") -> Step:
    """A creation at a street."""
    address = {"street1": street, "city": "San Francisco", "state": "CA", "postalCode": "94104"}
    return graphql(CREATE_DOCUMENT, {"offerRequestCreateInput": {"address": address}})


def update(answers: dict[str, Any], id: Any = PENDING_ID) -> Step:
    """An update with these answers."""
    given = {"opendoorOfferRequestId": id, "offerInput": answers}
    return graphql(UPDATE_DOCUMENT, {"offerRequestUpdateInput": given})


def submit(tag: str = "", id: Any = PENDING_ID) -> Step:
    """An update that submits the request; `tag` goes into the e-mail address."""
    contacts = {"sellerFullName": "Ada Lovelace", "sellerEmail": f"ada{tag}@example.com"}
    return update({"homeAboveGradeSqFt": 2143, **contacts}, id)


def read(id: Any = PENDING_ID) -> Step:
    """A read."""
    return graphql(READ_DOCUMENT, {"opendoorOfferRequestId": id})


def price(id: Any = PENDING_ID) -> Step:
    """A read product by product."""
    return graphql(PRICING_DOCUMENT, {"opendoorOfferRequestId": id})


def advance(span: str) -> Step:
    """The clock moved forward."""
    headers = {"Authorization": "Bearer sbx_demo", "Content-Type": "application/json"}
    return Step(method="POST", path="/__admin/clock/advance", headers=headers, body={"by": span})


def spelled(code: str) -> str:
    """A denial code as a person types it."""
    return code.lower().replace("_", "-")


def street(code: str) -> str:
    """The magic street of a code."""
    return f"1 Deny {spelled(code)} St"


def tag(code: str) -> str:
    """The magic e-mail tag of a code."""
    return f"+deny-{spelled(code)}"


def authorization(word: str) -> str:
    """The Authorization header whose key ends in a magic word."""
    return f"Basic sbx_demo.{word}"

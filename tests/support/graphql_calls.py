"""The walkthrough's GraphQL documents, verbatim, and calls made of them."""

from typing import Any

from running_server import Client

CREATE = """mutation OfferRequestCreate($offerRequestCreateInput: OfferRequestCreateInput!) {
offerRequestCreate(params: $offerRequestCreateInput) {
offerRequest {
opendoorOfferRequestId
}
}
}"""
UPDATE = """mutation OfferRequestUpdate($offerRequestUpdateInput: OfferRequestUpdateInput!) {
offerRequestUpdate(params: $offerRequestUpdateInput) {
offerRequest {
opendoorOfferRequestId
offerStatus
denialInfo {
code
}
}
}
}"""
READ = """query OfferRequest($opendoorOfferRequestId: String!) {
offerRequest(opendoorOfferRequestId: $opendoorOfferRequestId) {
opendoorOfferRequestId
offerStatus
denialInfo {
code
}
offerData {
headlinePriceCents
}
}
}"""
PENDING_ID = "e4ee693f-2648-4406-b046-d40c18359f56"
OFFERED_ID = "4b231de1-3916-402b-9357-2128ec67a08b"
CREATE_VARIABLES = {
    "offerRequestCreateInput": {
        "address": {"street1": "1 Post St", "city": "San Francisco", "state": "CA", "postalCode": "94104"}
    }
}
UPDATE_VARIABLES = {
    "offerRequestUpdateInput": {
        "opendoorOfferRequestId": PENDING_ID,
        "offerInput": {
            "homeBedrooms": 3,
            "homeBathroomsFull": 2,
            "homeBathroomsPartial": 1,
            "homeAboveGradeSqFt": 2143,
            "homeYearBuilt": 1995,
        },
    }
}
READ_VARIABLES = {"opendoorOfferRequestId": OFFERED_ID}
CONTACTS = {"sellerFullName": "Ada Lovelace", "sellerEmail": "ada@example.com"}


def create(client: Client, street: str = "1 Post St", **headers: str) -> Any:
    """Creates an offer request; the answer."""
    address = {**CREATE_VARIABLES["offerRequestCreateInput"]["address"], "street1": street}
    return client.graphql(CREATE, {"offerRequestCreateInput": {"address": address}}, headers=headers)


def created(client: Client, street: str = "1 Post St") -> str:
    """The id of a new offer request."""
    id = create(client, street).json()["data"]["offerRequestCreate"]["offerRequest"]["opendoorOfferRequestId"]
    assert isinstance(id, str)
    return id


def update(client: Client, id: str, answers: Any, **headers: str) -> Any:
    """Updates an offer request; the answer."""
    params = {"opendoorOfferRequestId": id, "offerInput": answers}
    return client.graphql(UPDATE, {"offerRequestUpdateInput": params}, headers=headers)


def updated(client: Client, id: str, **answers: Any) -> Any:
    """The offer request after an update."""
    return update(client, id, answers).json()["data"]["offerRequestUpdate"]["offerRequest"]


def read(client: Client, id: str, **headers: str) -> Any:
    """Reads an offer request; the answer."""
    return client.graphql(READ, {"opendoorOfferRequestId": id}, headers=headers)


def status(client: Client, id: str) -> Any:
    """The status of an offer request and the code of its denial."""
    found = read(client, id).json()["data"]["offerRequest"]
    return found["offerStatus"], (found["denialInfo"] or {}).get("code")


def whole(client: Client, id: str) -> Any:
    """An offer request with every field there is, all its scalars."""
    fields = " ".join(
        [
            "headlinePriceCents",
            "headlineValuationRangeStart",
            "headlineValuationRangeEnd",
            "feeCostCents",
            "feeCostPercent",
            "estimatedClosingCostCents",
            "estimatedClosingCostPercent",
            "repairCostCents",
            "url",
            "authenticatedDashboardUrl",
            "expiresAt",
            "offerSource",
            "sentAt",
            "expirationAt",
            "expirationAtDisplayDate",
            "underwritingCompletedAt",
            "underwritingState",
            "enteredContractAt",
            "coeDate",
            "closedAt",
            "withdrawnAt",
            "priceAlert",
        ]
    )
    query = (
        "query($id: String!) { offerRequest(opendoorOfferRequestId: $id) { opendoorOfferRequestId offerStatus"
        f" denialInfo {{ code explanation deniedAt }} offerData {{ {fields} }} handoverAt }} }}"
    )
    answer = client.graphql(query, {"id": id}).json()
    assert "errors" not in answer, answer
    return answer["data"]["offerRequest"]

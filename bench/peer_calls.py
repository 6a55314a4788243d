"""The calls that `peers.py` makes as wrk's scripts, and the contract and stubs by which others answer them."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SEND, OFFER = "/sell/negotiation/v1/send_offer_to_interested_buyers", "/offers/offer-123"
JSON = "application/json"
HEADERS = {
    "Content-Type": JSON,
    "Accept": JSON,
    "X-EBAY-C-MARKETPLACE-ID": "EBAY_US",
    "Authorization": "Bearer sbx_bench",
}
REQUEST = {
    "allowCounterOffer": False,
    "message": "Ten percent off, for two days only.",
    "offerDuration": {"unit": "DAY", "value": 2},
    "offeredItems": [{"listingId": "110000000001", "discountPercentage": "10", "quantity": 1}],
}
_COVENT_OFFER = {
    "listing_id": "lst_123",
    "individual_id": "ind_123",
    "amount": 372000,
    "terms": {"inspection_period_days": 7, "close_of_escrow_days": 14},
    "notes": "Cash close.",
}
_OPENDOOR_READ = {
    "query": "query($id: String!) { offerRequest(opendoorOfferRequestId: $id) { offerStatus } }",
    "variables": {"id": "e4ee693f-2648-4406-b046-d40c18359f56"},
}
_AWS = (
    "AWS4-HMAC-SHA256 Credential=bench/20261129/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
)


@dataclass(frozen=True)
class Call:
    """A call of a load. The `varies` of its body is another number each time."""

    method: str
    path: str
    body: Any = None
    varies: str = ""
    headers: dict[str, str] = field(default_factory=lambda: HEADERS)


def dynamo(action: str, **body: Any) -> Call:
    """A call of DynamoDB, as moto takes it."""
    target = {"X-Amz-Target": f"DynamoDB_20120810.{action}", "Content-Type": "application/x-amz-json-1.0"}
    return Call("POST", "/", body, headers={**target, "Authorization": _AWS})


LOADS = {
    "two calls": (Call("POST", SEND, REQUEST, "110000000001"), Call("GET", OFFER)),
    "three providers": (
        Call("POST", "/api/v1/offers", _COVENT_OFFER),
        Call("GET", OFFER),
        Call("POST", "/graphql", _OPENDOOR_READ, headers={**HEADERS, "Authorization": "Basic sbx_bench"}),
    ),
    "DynamoDB": (
        dynamo("PutItem", TableName="t", Item={"k": {"S": "a"}, "v": {"S": "x" * 660}}),
        dynamo("GetItem", TableName="t", Key={"k": {"S": "a"}}),
    ),
}
TABLE = dynamo(
    "CreateTable",
    TableName="t",
    AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
    BillingMode="PAY_PER_REQUEST",
)


def script(calls: tuple[Call, ...]) -> str:
    """wrk's script of a load: its calls in turn, from the number that FIRST says on."""
    made = [
        f"  if turn % {len(calls)} == {number} then return {_made(call)} end" for number, call in enumerate(calls)
    ]
    first = 'local turn = tonumber(os.getenv("FIRST") or "0") - 1'
    return "\n".join([first, "request = function()", "  turn = turn + 1", *made, "end"])


def _made(call: Call) -> str:
    headers = ", ".join(f"[{json.dumps(name)}] = {json.dumps(value)}" for name, value in call.headers.items())
    body = "nil" if call.body is None else json.dumps(json.dumps(call.body))
    if call.varies:
        before, after = (json.dumps(part) for part in json.dumps(call.body).split(call.varies))
        body = f'{before} .. string.format("9%011d", turn) .. {after}'
    return f'wrk.format("{call.method}", "{call.path}", {{{headers}}}, {body})'


def write_contract(folder: Path, sent: Any, offer: Any) -> None:
    """Writes an OpenAPI document with these answers as examples, and stubs for servers that take none."""
    (folder / "openapi.json").write_text(json.dumps(_document(sent, offer)))
    stubs = {
        "send": (
            {
                "method": "POST",
                "urlPath": SEND,
                "bodyPatterns": [{"matchesJsonPath": "$.offeredItems[0].listingId"}],
            },
            sent,
        ),
        "offer": ({"method": "GET", "urlPathPattern": "/offers/[^/]+"}, offer),
    }
    mappings = folder / "wiremock" / "mappings"
    mappings.mkdir(parents=True, exist_ok=True)
    (folder / "wiremock" / "__files").mkdir(exist_ok=True)
    for name, (request, answer) in stubs.items():
        response = {"status": 200, "headers": {"Content-Type": JSON}, "jsonBody": answer}
        (mappings / f"{name}.json").write_text(json.dumps({"request": request, "response": response}))


def _document(sent: Any, offer: Any) -> dict[str, Any]:
    text = {"type": "string"}
    marketplace = {"name": "X-EBAY-C-MARKETPLACE-ID", "in": "header", "required": True, "schema": text}
    id = {"name": "id", "in": "path", "required": True, "schema": text, "example": "offer-123"}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Offers", "version": "1"},
        "paths": {
            SEND: {
                "post": {
                    "operationId": "send",
                    "parameters": [marketplace],
                    "requestBody": {"required": True, "content": {JSON: {"schema": _body(), "example": REQUEST}}},
                    "responses": {"200": _answer("Sent", sent)},
                }
            },
            "/offers/{id}": {
                "get": {"operationId": "offer", "parameters": [id], "responses": {"200": _answer("It", offer)}}
            },
        },
    }


def _answer(description: str, example: Any) -> dict[str, Any]:
    return {"description": description, "content": {JSON: {"schema": {"type": "object"}, "example": example}}}


def _body() -> dict[str, Any]:
    text = {"type": "string"}
    duration = {
        "type": "object",
        "required": ["unit", "value"],
        "properties": {"unit": {**text, "enum": ["DAY", "HOUR"]}, "value": {"type": "integer"}},
    }
    item = {
        "type": "object",
        "required": ["listingId"],
        "properties": {
            "listingId": text,
            "discountPercentage": text,
            "quantity": {"type": "integer", "minimum": 1},
        },
    }
    return {
        "type": "object",
        "required": ["offeredItems"],
        "properties": {
            "allowCounterOffer": {"type": "boolean"},
            "message": {**text, "maxLength": 2000},
            "offerDuration": duration,
            "offeredItems": {"type": "array", "items": item, "minItems": 1, "maxItems": 1},
        },
    }

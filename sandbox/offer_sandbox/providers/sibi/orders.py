"""Sibi's calls beside offers: a product with its add-ons, and the cancellation of an order."""

from offer_sandbox.contract import Call, Operation, Refusal, Reply
from offer_sandbox.contract.errors import Problem
from offer_sandbox.providers.sibi import products, schemas
from offer_sandbox.world.clock import print_seconds
from offer_sandbox.world.collection import Containing, Document

PRODUCT, CANCEL = "getProduct", "cancelOrder"
_ADDRESS = ("line1", "city", "stateOrProvince", "postalCode")


def product(call: Call) -> Reply:
    """A product; its add-ons depend on a complete address."""
    sku = call.path["sku"]
    if sku == products.NO_PRODUCT:
        reason = f"the sku {sku} asks for it"
        raise Refusal([Problem(outcome="product_not_found", field="path.sku", reason=reason, magic=True)])
    complete = all(call.query.get(name) for name in _ADDRESS)
    return Reply(outcome="success", body=products.details(sku, complete))


def cancel(call: Call) -> Reply:
    """Asks for an order's cancellation, which stays pending; asking again tells what became of it."""
    id = call.path["id"]
    offer = _of_order(call, id)
    asked = next((each for each in offer["sandbox"]["cancellations"] if each["orderId"] == id), None)
    if asked is None:
        asked = {
            "orderId": id,
            "requestedAt": print_seconds(call.world.now),
            "cancellationStatus": "pending",
            "cancellationReason": call.body["reason"],
        }
        kept = {**offer["sandbox"], "cancellations": [*offer["sandbox"]["cancellations"], asked]}
        call.world.put("offers", {**offer, "sandbox": kept})
    return Reply(outcome="success", body={name: asked[name] for name in schemas.Cancellation().fields})


def _of_order(call: Call, id: str) -> Document:
    """The offer from which an order was made."""
    for offer in call.world.select("offers", orders=Containing(f",{id},")):
        if id in offer["orderIds"]:
            return offer
    raise Refusal.of("order_not_found", f"there is no order {id[:80]}", "path.id")


ORDER_OPERATIONS = (
    Operation(
        name=PRODUCT,
        method="GET",
        path="/products/{sku}",
        summary="A product with its available add-ons",
        evidence="docs",
        source="Sibi, Get product details with available add-ons",
        handler=product,
        query=schemas.ProductQuery(),
        answers={200: schemas.Product()},
    ),
    Operation(
        name=CANCEL,
        method="POST",
        path="/orders/{id}/cancel",
        summary="Asks for an order's cancellation",
        evidence="docs",
        source="Sibi, Cancel order",
        handler=cancel,
        body=schemas.CancelOrder(),
        answers={201: schemas.Cancellation()},
    ),
)

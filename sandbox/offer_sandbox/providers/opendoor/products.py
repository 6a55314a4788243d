"""Pure functions that price an offer request by product: the direct sale, and cash now with more later.

Every figure, and every status except OFFERED and ELIGIBLE, is the sandbox's own.
"""

from offer_sandbox.providers.opendoor.behaviour import CLOSING_PERCENT
from offer_sandbox.providers.opendoor.stages import DENIED, OFFERED
from offer_sandbox.world.collection import Document

SALE_PERCENT, UPFRONT_PERCENT, PROGRAM_FEE_PERCENT = 105, 70, 5
_CNML_STATUS = {OFFERED: "ELIGIBLE", DENIED: "INELIGIBLE"}


def priced(record: Document, with_cnml: bool) -> Document:
    """Returns the OfferRequestWithProductsPricing of a request.

    All products follow the request's status, so the overall status is the request's own. `cnml` is null if the
    partner does not have this product.
    """
    data, status = record["offerData"], record["offerStatus"]
    return {
        "opendoorOfferRequestId": record["opendoorOfferRequestId"],
        "offerStatus": status,
        "denialInfo": record["denialInfo"],
        "handoverAt": record["handoverAt"],
        "authenticatedDashboardUrl": data and data["authenticatedDashboardUrl"],
        "sellDirect": {
            "offerStatus": status,
            "denialInfo": record["denialInfo"],
            "offerData": data and {"netProceeds": net_proceeds(data)},
        },
        "cnml": {
            "offerStatus": _CNML_STATUS.get(status, status),
            "offerData": data and cnml(data["headlinePriceCents"], data["repairCostCents"] or 0),
        }
        if with_cnml
        else None,
    }


def net_proceeds(data: Document) -> int:
    """Returns the seller's net proceeds from a direct sale, in cents."""
    costs = ("feeCostCents", "estimatedClosingCostCents", "repairCostCents")
    return int(data["headlinePriceCents"] - sum(data[name] or 0 for name in costs))


def cnml(price: int, repair: int) -> Document:
    """Returns the CnmlOfferData for a price, in cents. Upfront and additional proceeds add up to the total."""
    percents = (SALE_PERCENT, UPFRONT_PERCENT, PROGRAM_FEE_PERCENT, CLOSING_PERCENT)
    sale, upfront, fee, closing = (price * percent // 100 for percent in percents)
    additional = sale - upfront - fee - closing - repair
    return {
        "estimatedSalePriceCents": sale,
        "upfrontCashCents": upfront,
        "estimatedAdditionalProceedsCents": additional,
        "estimatedTotalProceedsCents": upfront + additional,
        "programFeeCents": fee,
        "repairCostCents": repair,
        "closingCostCents": closing,
    }

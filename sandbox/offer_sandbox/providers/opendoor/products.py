"""Pure functions that price an offer request by product: the direct sale, and cash now with more later.

Every figure, and every status except OFFERED and ELIGIBLE, is the sandbox's own.
"""

from dataclasses import dataclass

from offer_sandbox.providers.opendoor.behaviour import (
    CLOSING_PERCENT,
    CNML_DENIED,
    DIRECT_DENIED,
    denial_info,
    denied_products,
    offer_url,
)
from offer_sandbox.providers.opendoor.stages import DENIED, OFFERED, stage_of
from offer_sandbox.world.collection import Document

SALE_PERCENT, UPFRONT_PERCENT, PROGRAM_FEE_PERCENT = 105, 70, 5
_INACTIVE = "PRODUCT_INACTIVE"


@dataclass(frozen=True)
class _Product:
    """The result for one product: its status among the statuses of requests, and the code if it is denied."""

    status: str
    code: str | None = None


def priced(record: Document, with_cnml: bool) -> Document:
    """Returns the OfferRequestWithProductsPricing of a request.

    The overall status is the documented combination of the products' statuses. `cnml` is null if the partner does
    not have this product.
    """
    data, direct = record["offerData"], _direct(record)
    other = _cnml(record) if with_cnml else None
    shown = _shown(record, other) if other else None
    return {
        "opendoorOfferRequestId": record["opendoorOfferRequestId"],
        "offerStatus": (status := _combined(direct, other)),
        "denialInfo": _reason(record, direct, other) if status == DENIED else None,
        "handoverAt": record["handoverAt"],
        "authenticatedDashboardUrl": _dashboard(record, shown),
        "sellDirect": {
            "offerStatus": direct.status,
            "denialInfo": record["denialInfo"],
            "offerData": data and {"netProceeds": net_proceeds(data)},
        },
        "cnml": shown,
    }


def outcome_of(record: Document, with_cnml: bool) -> str:
    """Returns the outcome that a read by product reports: the stage, or which product alone is denied."""
    stage, direct = stage_of(record), _direct(record).status
    other = _cnml(record).status if with_cnml else direct
    if (direct, other) == (DENIED, OFFERED):
        return DIRECT_DENIED
    return CNML_DENIED if stage == OFFERED and other == DENIED else stage


def _direct(record: Document) -> _Product:
    return _Product(record["offerStatus"], (record["denialInfo"] or {}).get("code"))


def _cnml(record: Document) -> _Product:
    """Returns the result for CNML: that of the direct sale, unless the products' fates differ."""
    direct, denied = _direct(record), denied_products(record)
    if denied is None or direct.status not in (OFFERED, DENIED) or direct.code != denied["direct"]:
        return direct
    if denied["cnml"]:
        return _Product(DENIED, denied["cnml"])
    return direct if record["sandbox"]["priceCents"] is None else _Product(OFFERED)


def _combined(direct: _Product, other: _Product | None) -> str:
    """Returns the overall status: OFFERED if any product is priced, DENIED only if every one is denied."""
    return direct.status if other is None or OFFERED not in (direct.status, other.status) else OFFERED


def _reason(record: Document, direct: _Product, other: _Product | None) -> Document | None:
    """Returns the overall reason for a denial: that of the direct sale, unless this product is inactive and the
    other one has a reason."""
    info: Document | None = record["denialInfo"]
    if info is None or direct.code != _INACTIVE or other is None or other.code is None:
        return info
    return denial_info(other.code, info["deniedAt"])


def _dashboard(record: Document, other: Document | None) -> str | None:
    """Returns the link to the seller's dashboard, which shows any product that is priced."""
    data = record["offerData"]
    if data is not None:
        return data["authenticatedDashboardUrl"] and str(data["authenticatedDashboardUrl"])
    return f"{offer_url(record)}/dashboard" if other and other["offerData"] else None


def _shown(record: Document, product: _Product) -> Document:
    """Returns a CnmlPricingResult."""
    figures = None
    if product.status == OFFERED and record["offerData"] is not None:
        figures = cnml(record["offerData"]["headlinePriceCents"], record["offerData"]["repairCostCents"] or 0)
    elif product.status == OFFERED and record["offerStatus"] == DENIED:
        figures = cnml(record["sandbox"]["priceCents"], 0)
    return {"offerStatus": _CNML_STATUS.get(product.status, product.status), "offerData": figures}


_CNML_STATUS = {OFFERED: "ELIGIBLE", DENIED: "INELIGIBLE"}


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

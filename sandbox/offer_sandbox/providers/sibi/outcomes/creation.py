"""The outcomes of an offer's creation."""

from dataclasses import replace
from typing import Any

from offer_sandbox.contract import Magic, Outcome, Step, answered, refusal
from offer_sandbox.providers.sibi.operations import CREATE, NO_ADDRESS, NO_SUB_BRAND
from offer_sandbox.providers.sibi.outcomes.common import SOURCES, bodied, step
from offer_sandbox.providers.sibi.samples import CREATE_OFFER

_SOURCE = SOURCES[CREATE]
_PLAIN_CREATION = step("POST", "/offers/", CREATE_OFFER)


def _with(**changes: Any) -> Step:
    return replace(_PLAIN_CREATION, body={**CREATE_OFFER, **changes})


def _by_magic(name: str, title: str, magic: Magic, step: Step) -> Outcome:
    outcome = refusal(CREATE, name, title, 400, step, evidence="docs", source=f"{_SOURCE}: error responses")
    return replace(outcome, magic=magic)


CREATION_OUTCOMES = (
    answered(CREATE, "success", "The offer is created", 201, _PLAIN_CREATION, source=_SOURCE),
    _by_magic(
        "address_processing_error",
        "The address is invalid or unknown",
        Magic("body.address.line1", NO_ADDRESS),
        _with(address={**CREATE_OFFER["address"], "line1": NO_ADDRESS}),
    ),
    _by_magic(
        "invalid_sub_brand_id",
        "The sub-brand is unknown",
        Magic("body.subBrandId", NO_SUB_BRAND),
        _with(subBrandId=NO_SUB_BRAND),
    ),
    refusal(
        CREATE,
        "duplicate_active_offer",
        "The job has an active offer",
        409,
        _PLAIN_CREATION,
        _PLAIN_CREATION,
        evidence="docs",
        source=f"{_SOURCE}: the duplicate guard; its status and what else is active are inferred",
    ),
    *bodied(CREATE, _PLAIN_CREATION),
)

"""The 41 denial codes of Opendoor's guide, with the stage at which each applies and the sandbox's own text."""

from dataclasses import dataclass
from typing import Literal

Stage = Literal["create", "update", "pricing"]


@dataclass(frozen=True)
class Denial:
    """A denial code.

    `stage` is the call or step at which a request with this fate is denied. `explanation` is the sandbox's own
    text.
    """

    code: str
    stage: Stage
    explanation: str


_LISTED: tuple[tuple[Stage, str, str], ...] = (
    ("create", "ACTIVE_OFFER", "There is already an active offer for this home."),
    ("create", "IN_CONTRACT_WITH_OPENDOOR", "This home is already in contract with Opendoor."),
    ("create", "LISTED_BY_OPENDOOR", "This home is listed for sale by Opendoor."),
    ("create", "OWNED_BY_OPENDOOR", "This home is owned by Opendoor."),
    ("create", "PREPARING_OFFER", "An offer for this home is already being prepared."),
    ("create", "ADDRESS", "The address is not one an offer can be made for."),
    ("create", "PRODUCT_INACTIVE", "Offers are not available in this area."),
    ("create", "AGE_RESTRICTED_COMMUNITY", "The home is in an age-restricted community."),
    ("create", "BEFORE_1960", "The home was built before 1960."),
    ("create", "DWELLING_TYPE", "The type of dwelling is not eligible."),
    ("create", "FLOOD_HISTORY", "The home has a history of flooding."),
    ("create", "FLOOD_ZONE", "The home is in a flood zone."),
    ("create", "GATED_COMMUNITY", "The home is in a gated community."),
    ("create", "GUARD_GATED_COMMUNITY", "The home is in a guard-gated community."),
    ("create", "LOT_SQ_FT", "The size of the lot is not eligible."),
    ("create", "NON_BUYBOX_DWELLING_TYPE", "The type of dwelling is outside what is bought."),
    ("create", "SHARED_LOT", "The home stands on a shared lot."),
    ("create", "YEAR_BUILT", "The year the home was built is not eligible."),
    ("create", "MLS_LISTING_STATUS", "The home's listing status does not allow an offer."),
    ("update", "ASBESTOS_SIDING", "The home has asbestos siding."),
    ("update", "BELOW_MARKET_RATE_OWNERSHIP", "The home is under below-market-rate ownership."),
    ("update", "CESSPOOL", "The home has a cesspool."),
    ("update", "FIRE_DAMAGE", "The home has fire damage."),
    ("update", "FOUNDATION", "The home has foundation issues."),
    ("update", "INELIGIBLE_HOA", "The home's owners' association is not eligible."),
    ("update", "LEASED_SOLAR_PANELS", "The home has leased solar panels."),
    ("update", "POLYBUTYLENE_PIPING", "The home has polybutylene piping."),
    ("update", "PRIVATE_POOL", "The home has a private pool that is not eligible."),
    ("update", "SEPTIC", "The home has a septic system."),
    ("update", "TENANT_OCCUPIED", "The home is occupied by a tenant."),
    ("update", "UNDERGROUND_OIL_TANK", "The home has an underground oil tank."),
    ("update", "UNIQUE_OWNERSHIP_STRUCTURE", "The home has a unique ownership structure."),
    ("update", "UNPERMITTED_ADDITION", "The home has an unpermitted addition."),
    ("update", "WELL_WATER", "The home has well water."),
    ("update", "SALE_TIMELINE", "The seller's timeline does not allow an offer."),
    ("update", "OTHER_DENIAL_DETAIL", "Something about the home does not allow an offer."),
    ("pricing", "EXPECTED_LGM", "The expected margin does not allow an offer."),
    ("pricing", "LACK_OF_ADEQUATE_COMPS", "There are not enough comparable sales nearby."),
    ("pricing", "VALUATION_TOO_HIGH", "The home's value is above what is bought."),
    ("pricing", "VALUATION_TOO_LOW", "The home's value is below what is bought."),
    ("pricing", "OTHER_DENIAL_GENERAL", "An offer cannot be made for this home."),
)
DENIALS = {code: Denial(code, stage, text) for stage, code, text in _LISTED}

# Answers that deny a request without a magic value. Inferred: Opendoor does not document which answers deny.
DISQUALIFYING = {
    "homeEligibilityCriteriaLeasedSolarPanels": "LEASED_SOLAR_PANELS",
    "homeEligibilityCriteriaKnownFoundationIssues": "FOUNDATION",
    "homeEligibilityCriteriaFireDamage": "FIRE_DAMAGE",
    "homeEligibilityCriteriaWellWater": "WELL_WATER",
    "homeEligibilityCriteriaSeptic": "SEPTIC",
    "homeEligibilityCriteriaAsbestosSiding": "ASBESTOS_SIDING",
    "homeEligibilityCriteriaLivestock": "OTHER_DENIAL_DETAIL",
    "homeEligibilityCriteriaMobileManufacturedHome": "NON_BUYBOX_DWELLING_TYPE",
    "homeEligibilityCriteriaUniqueOwnershipStructure": "UNIQUE_OWNERSHIP_STRUCTURE",
    "homeEligibilityCriteriaBelowMarketRateOwnership": "BELOW_MARKET_RATE_OWNERSHIP",
    "homeEligibilityCriteriaRentControlledTenantOccupied": "TENANT_OCCUPIED",
    "homeHoaTypeAgeRestrictedCommunity": "AGE_RESTRICTED_COMMUNITY",
    "homeHoaTypeGatedCommunity": "GATED_COMMUNITY",
    "homeHoaTypeGuardedGatedCommunity": "GUARD_GATED_COMMUNITY",
}
EARLIEST_YEAR = 1960


def disqualified(answers: dict[str, object]) -> str | None:
    """Returns the code for which these answers deny a request, or None if they do not."""
    for name, code in DISQUALIFYING.items():
        if answers.get(name) is True:
            return code
    year = answers.get("homeYearBuilt")
    return "BEFORE_1960" if isinstance(year, int) and year < EARLIEST_YEAR else None


def codes_of(stage: Stage) -> list[str]:
    """Returns the codes that apply at a stage, in the guide's order."""
    return [denial.code for denial in DENIALS.values() if denial.stage == stage]


_STAGE_UNKNOWN = ("MLS_LISTING_STATUS", "SALE_TIMELINE", "OTHER_DENIAL_DETAIL", "OTHER_DENIAL_GENERAL")


def stage_is_documented(code: str, stage: Stage) -> bool:
    """Returns whether the guide says that this stage denies for this code. It lists some codes without a stage,
    and the property codes for the creation only."""
    return code not in _STAGE_UNKNOWN and (stage != "update" or DENIALS[code].stage != "create")


# Codes that an update can deny for: those of its own stage, those of pricing (which the update makes certain),
# and property codes that an answer triggers.
ON_UPDATE = [
    code
    for code, denial in DENIALS.items()
    if denial.stage != "create" or code in (*DISQUALIFYING.values(), "BEFORE_1960")
]

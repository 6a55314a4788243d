"""Opendoor's provider definition: documentation links, path, collection and settings."""

from offer_sandbox.contract import Progression, Provider, parts_of
from offer_sandbox.providers.opendoor.stages import ENTERED_CONTRACT, TIMED, stage_of
from offer_sandbox.world.collection import Collection, Document


def _due(record: Document) -> int | None:
    """Returns when time changes a request (ms). In contract, only the next step of the closing does. Somebody may
    have set another stage by hand."""
    stage, kept = stage_of(record), record["sandbox"]
    timed = stage in TIMED or (stage == ENTERED_CONTRACT and (kept.get("closing") or {}).get("due") is not None)
    due: int | None = kept["due"] if timed else None
    return due


OFFER_REQUESTS = Collection(
    provider="opendoor",
    name="offerRequests",
    key="opendoorOfferRequestId",
    columns={"stage": stage_of},
    state=stage_of,
    due=_due,
)

provider = Provider(
    name="opendoor",
    title="Opendoor partner API (GraphQL)",
    links=(
        "https://docs.opendoor.com/walkthroughs/generating-offers/",
        "https://docs.opendoor.com/api-reference/types/offerrequest/",
        "https://docs.opendoor.com/api-reference/types/offerrequestwithproductspricing/",
        "https://docs.opendoor.com/api-reference/receive-status-updates/",
        "https://partner-sdk.opendoor.com/guides/denial-codes/",
    ),
    read_on="2026-11-21",
    roots=("/graphql",),
    hosts=(),
    collections=(OFFER_REQUESTS,),
    load=parts_of(__package__),
    protocol="graphql",
    sdl="opendoor.graphql",
    progressions={
        "opendoor.evaluation": Progression(progression="time", seconds=5),
        "opendoor.closing": None,
    },
    switches={"opendoor.cnml": (True, False)},
    topics=("offer.sent",),
    tags={"GraphQL": "The endpoint of all queries and mutations about offer requests."},
    environment={"OPENDOOR_API_URL": "{url}/graphql", "OPENDOOR_API_KEY": "{key}"},
)

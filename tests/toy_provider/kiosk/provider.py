"""The kiosk's index card: where its documentation is, which paths and hosts are its own, what it keeps."""

from offer_sandbox.contract import Progression, Provider, parts_of
from offer_sandbox.world.collection import Collection

OFFERS = Collection(
    provider="kiosk",
    name="offers",
    key="id",
    columns={"status": lambda offer: offer["status"]},
    state=lambda offer: str(offer["status"]),
    due=lambda offer: offer["sandbox"]["due"],
)

provider = Provider(
    name="kiosk",
    title="Kiosk API",
    links=("https://kiosk.example/docs/offers",),
    read_on="2026-11-22",
    roots=("/kiosk-api",),
    hosts=("api.kiosk.example",),
    collections=(OFFERS,),
    load=parts_of(__package__),
    progressions={"kiosk.expiry": Progression(progression="time", seconds=60)},
    topics=("offer.expired",),
    signature="X-Kiosk-Signature",
    environment={"KIOSK_API_URL": "{url}/kiosk-api", "KIOSK_API_KEY": "{key}"},
)

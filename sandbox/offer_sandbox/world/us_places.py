"""American cities with their ZIP codes and telephone areas, for initial records of every provider."""

from dataclasses import dataclass

from offer_sandbox.world.rng import Draw


@dataclass(frozen=True)
class UsPlace:
    """A city with some of its ZIP codes. `area` is its telephone area code."""

    city: str
    state: str
    zips: tuple[str, ...]
    area: int

    @property
    def market(self) -> str:
        """The city as one word, such as `phoenix-az`."""
        return f"{self.city} {self.state}".lower().replace(" ", "-")


US_PLACES = (
    UsPlace("Phoenix", "AZ", ("85003", "85006", "85013", "85018", "85032"), 602),
    UsPlace("Mesa", "AZ", ("85201", "85203", "85204", "85210"), 480),
    UsPlace("Tucson", "AZ", ("85701", "85705", "85711", "85719"), 520),
    UsPlace("Austin", "TX", ("78701", "78704", "78745", "78757"), 512),
    UsPlace("San Antonio", "TX", ("78205", "78209", "78212", "78230"), 210),
    UsPlace("Charlotte", "NC", ("28202", "28205", "28210", "28277"), 704),
    UsPlace("Raleigh", "NC", ("27601", "27607", "27609", "27615"), 919),
    UsPlace("Orlando", "FL", ("32801", "32803", "32806", "32835"), 407),
    UsPlace("Tampa", "FL", ("33602", "33606", "33611", "33647"), 813),
    UsPlace("Denver", "CO", ("80202", "80205", "80210", "80220"), 303),
    UsPlace("Las Vegas", "NV", ("89101", "89109", "89117", "89123"), 702),
    UsPlace("Springfield", "IL", ("62701", "62702", "62704"), 217),
)
_STREETS = (
    "Oak", "Maple", "Cedar", "Pine", "Elm", "Washington", "Lincoln", "Jefferson", "Hillcrest", "Sunset",
    "Lakeview", "Ridge", "Park", "Mesquite", "Juniper", "Willow", "Magnolia", "Canyon", "Meadow", "Orchard",
)  # fmt: skip
_KINDS = ("St", "Ave", "Dr", "Ln", "Ct", "Blvd", "Way")


def street(draw: Draw) -> str:
    """Returns a street address without a unit, such as `4715 Cedar Ave`."""
    return f"{draw.randrange(101, 9900)} {draw.choice(_STREETS)} {draw.choice(_KINDS)}"

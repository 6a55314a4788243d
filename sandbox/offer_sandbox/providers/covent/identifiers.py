"""How Covent's ids look: a prefix for the kind of record and twelve letters or digits."""

from offer_sandbox.world.rng import derive, letters

_PREFIXES = {"offers": "off", "listings": "lst", "individuals": "ind", "emails": "email"}


def mint(seed: int, collection: str, ordinal: int) -> str:
    """The id of the n-th record that calls make in a collection."""
    return f"{_PREFIXES[collection]}_{letters(derive(seed, 'covent', collection, ordinal), 12)}"

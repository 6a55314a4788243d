"""The fixtures of a provider for a seed: the committed file for the default seed, a fresh world for any other."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from offer_sandbox.bundled import bundled
from offer_sandbox.contract import Provider
from offer_sandbox.world.collection import Document
from offer_sandbox.world.json_codec import load
from offer_sandbox.world.rng import DEFAULT_SEED

Fixtures = Callable[[str, int], dict[str, list[Document]]]


def fixtures_of(providers: Mapping[str, Provider]) -> Fixtures:
    """A function of provider name and seed; remembers the worlds asked for last, never hands out a shared one
    to be changed (the store copies what it is given)."""

    @lru_cache(maxsize=64)
    def fixtures(provider: str, seed: int) -> dict[str, list[Document]]:
        if seed != DEFAULT_SEED:
            return providers[provider].parts.fixtures(seed)
        text = (bundled("fixtures") / f"{provider}.json").read_bytes()
        world: dict[str, list[Document]] = load(text)
        return world

    return fixtures

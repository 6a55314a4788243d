"""A provider's progressions and switches as a workspace has them set; sets none."""

from offer_sandbox.contract import Progression, Provider
from offer_sandbox.world.world import World


def progressions(provider: Provider, world: World) -> dict[str, Progression]:
    """The provider's progressions, without those that are turned off."""
    stored = world.row.settings.get("progressions", {})
    found = {}
    for name, default in provider.progressions.items():
        leaves = stored.get(name)
        progression = Progression(**leaves) if leaves else None if name in stored else default
        if progression is not None:
            found[name] = progression
    return found


def switches(provider: Provider, world: World) -> dict[str, str | bool]:
    """The provider's switches."""
    stored = world.row.settings.get("switches", {})
    return {name: stored.get(name, values[0]) for name, values in provider.switches.items()}

"""The imitated APIs, one folder for each, found by their folders."""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from offer_sandbox.contract import Provider


@cache
def providers() -> Mapping[str, Provider]:
    """Every provider by name: each folder here with a `provider` module that holds `provider`."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if module.ispkg:
            provider: Provider = import_module(f"{__name__}.{module.name}.provider").provider
            assert provider.name == module.name, f"{module.name} calls itself {provider.name}"
            found[provider.name] = provider
    return found

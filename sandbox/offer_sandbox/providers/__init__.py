"""The provider APIs that the sandbox imitates, discovered as subpackages of this package."""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from offer_sandbox.contract import Provider


@cache
def providers() -> Mapping[str, Provider]:
    """Returns every provider by name. Each subpackage defines `provider` in its `provider` module."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if module.ispkg:
            provider: Provider = import_module(f"{__name__}.{module.name}.provider").provider
            assert provider.name == module.name, f"{module.name} calls itself {provider.name}"
            found[provider.name] = provider
    return found

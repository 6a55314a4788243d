"""The provider APIs that the sandbox imitates, discovered as subpackages of this package."""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from offer_sandbox.contract import Provider
from offer_sandbox.imports import IMPORTING


@cache
def providers() -> Mapping[str, Provider]:
    """Returns every provider by name. Each subpackage defines `provider` in its `provider` module."""
    with IMPORTING:
        return {module.name: _provider(module.name) for module in pkgutil.iter_modules(__path__) if module.ispkg}


def _provider(name: str) -> Provider:
    provider: Provider = import_module(f"{__name__}.{name}.provider").provider
    assert provider.name == name, f"{name} calls itself {provider.name}"
    return provider

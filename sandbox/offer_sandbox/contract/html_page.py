"""The template of an HTML page that a provider returns."""

from functools import cache
from typing import TYPE_CHECKING

from offer_sandbox.imports import IMPORTING

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def page_template(text: str) -> "Template":
    """Returns the compiled template. It escapes every value, and a missing one raises an error."""
    with IMPORTING:  # importing Jinja must not delay the start
        from jinja2 import Environment, StrictUndefined
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(text)

"""The OpenAPI document of the sandbox's own control API: made from its routes, and from a table of what they tell
nothing about."""

from offer_sandbox.publish.admin_openapi.document import Route, Undescribed, build

__all__ = ["Route", "Undescribed", "build"]

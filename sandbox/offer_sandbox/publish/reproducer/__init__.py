"""A journal's entry as something that makes the call again: a curl command, a pytest file, an HTTP archive."""

from offer_sandbox.publish.reproducer.again import Call, authorization_for, call_for
from offer_sandbox.publish.reproducer.archive import har
from offer_sandbox.publish.reproducer.command import curl
from offer_sandbox.publish.reproducer.module import pytest

__all__ = ["Call", "authorization_for", "call_for", "curl", "har", "pytest"]

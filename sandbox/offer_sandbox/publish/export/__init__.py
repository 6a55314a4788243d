"""Exports a journal entry as a curl command, a pytest file or an HTTP archive that makes the call again."""

from offer_sandbox.publish.export.curl import curl
from offer_sandbox.publish.export.har import har
from offer_sandbox.publish.export.pytest import pytest
from offer_sandbox.publish.export.request import Call, authorization_for, call_for

__all__ = ["Call", "authorization_for", "call_for", "curl", "har", "pytest"]

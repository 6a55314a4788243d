"""The dataclasses and helper functions with which a provider is declared."""

from offer_sandbox.contract.auth import (
    Credential,
    Dialect,
    bearer,
    customary_headers,
    demo_bearer,
    from_base64,
    naming_field,
)
from offer_sandbox.contract.delivery import Delivery, Fault
from offer_sandbox.contract.errors import CallError, RequestIssue, Source
from offer_sandbox.contract.http import Request, Response
from offer_sandbox.contract.lifecycle import Progression, Transition, Webhook, after_read, by_call
from offer_sandbox.contract.operation import Call, MagicValue, Operation, Page, Reply, counted, page
from offer_sandbox.contract.outcome import (
    INFRASTRUCTURE,
    OURS,
    UNMATCHED,
    Magic,
    Minted,
    Outcome,
    Step,
    answered,
    bare_status,
    infrastructure,
    refusal,
    unmatched,
    unreadable,
)
from offer_sandbox.contract.provider import IncompleteProvider, Parts, Provider, parts_of

__all__ = [
    "INFRASTRUCTURE",
    "OURS",
    "UNMATCHED",
    "Call",
    "CallError",
    "Credential",
    "Delivery",
    "Dialect",
    "Fault",
    "IncompleteProvider",
    "Magic",
    "MagicValue",
    "Minted",
    "Operation",
    "Outcome",
    "Page",
    "Parts",
    "Progression",
    "Provider",
    "Reply",
    "Request",
    "RequestIssue",
    "Response",
    "Source",
    "Step",
    "Transition",
    "Webhook",
    "after_read",
    "answered",
    "bare_status",
    "bearer",
    "by_call",
    "counted",
    "customary_headers",
    "demo_bearer",
    "from_base64",
    "infrastructure",
    "naming_field",
    "page",
    "parts_of",
    "refusal",
    "unmatched",
    "unreadable",
]

"""Floor 1: what a provider declares, as frozen dataclasses, and pieces that several declare alike."""

from offer_sandbox.contract.catalogue import (
    INFRASTRUCTURE,
    OURS,
    answered,
    bare_status,
    infrastructure,
    refusal,
    unreadable,
)
from offer_sandbox.contract.credentials import bearer, demo_bearer, from_base64
from offer_sandbox.contract.dialect import Credential, Dialect, customary_headers
from offer_sandbox.contract.http import Answer, Request
from offer_sandbox.contract.operation import Call, Operation, Reply
from offer_sandbox.contract.outcome import Magic, Minted, Outcome, Step
from offer_sandbox.contract.paging import Page, page
from offer_sandbox.contract.plan import Fault, Plan
from offer_sandbox.contract.progression import Progression
from offer_sandbox.contract.provider import Parts, Provider
from offer_sandbox.contract.refusal import Problem, Refusal
from offer_sandbox.contract.transition import Transition
from offer_sandbox.contract.webhook import Webhook

__all__ = [
    "INFRASTRUCTURE",
    "OURS",
    "Answer",
    "Call",
    "Credential",
    "Dialect",
    "Fault",
    "Magic",
    "Minted",
    "Operation",
    "Outcome",
    "Page",
    "Parts",
    "Plan",
    "Problem",
    "Progression",
    "Provider",
    "Refusal",
    "Reply",
    "Request",
    "Step",
    "Transition",
    "Webhook",
    "answered",
    "bare_status",
    "bearer",
    "customary_headers",
    "demo_bearer",
    "from_base64",
    "infrastructure",
    "page",
    "refusal",
    "unreadable",
]

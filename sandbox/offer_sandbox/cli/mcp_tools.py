"""The tools that `mcp` offers: outcomes, calls and their explanations, rules, scenarios, clock and records."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from offer_sandbox.cli.at_server import Target, path_of

Json = dict[str, Any]
Tool = Callable[..., Json]
_MAX_CALLS = 50


class Tools:
    """The tools for one workspace of a running sandbox. The docstring of each tells a program what it is for."""

    def __init__(self, target: Target) -> None:
        self._target = target

    @property
    def every(self) -> tuple[Tool, ...]:
        """The tools, in the order in which a program sees them."""
        return (
            self.list_outcomes,
            self.list_uncovered_outcomes,
            self.list_calls,
            self.explain_call,
            self.list_rules,
            self.add_rule,
            self.clear_rules,
            self.list_scenarios,
            self.start_scenario,
            self.stop_scenario,
            self.get_clock,
            self.advance_clock,
            self.get_records,
            self.make_transition,
            self.reset_workspace,
        )

    def list_outcomes(self, provider: str = "", operation: str = "") -> Json:
        """List documented outcomes with their status, evidence, and what triggers each: a header, a magic value.

        `provider` is covent, ebay, estateprime, opendoor or sibi. `operation` is a name such as findEligibleItems.
        """
        query = {name: value for name, value in (("provider", provider), ("operation", operation)) if value}
        return self._ask("GET", f"/catalog?{urlencode(query)}")

    def list_uncovered_outcomes(self) -> Json:
        """List the outcomes of the operations that were called which no client of this server has received yet."""
        outcomes = self._ask("GET", "/coverage")["outcomes"]
        return {"outcomes": [each for each in outcomes if not each["served"]]}

    def list_calls(self, limit: int = 10, operation: str = "", status: int = 0) -> Json:
        """List the newest calls of the journal, each with its outcome, trigger and reason.

        `operation` selects calls of one operation (`ebay.findEligibleItems`) or provider (`ebay.*`).
        """
        wanted = {"operation": operation, "status": status}
        query = {"limit": min(max(limit, 1), _MAX_CALLS), **{name: each for name, each in wanted.items() if each}}
        kept = ("id", "at", "operation", "outcome", "trigger", "reason", "notes")
        found = self._ask("GET", f"/requests?{urlencode(query)}")["requests"]
        calls = [
            {
                **{name: each[name] for name in kept},
                "request": f"{each['request']['method']} {each['request']['path']}",
                "status": each["response"]["status"],
            }
            for each in found
        ]
        return {"calls": calls}

    def explain_call(self, id: str) -> Json:
        """Explain why the sandbox answered a call as it did: rules, problems, changed records, other outcomes.

        `id` is in the header X-Sandbox-Request-Id of the response, and in list_calls.
        """
        return self._ask("GET", path_of("requests", id))

    def list_rules(self) -> Json:
        """List the rules of the workspace, the one with the highest priority first."""
        return self._ask("GET", "/rules")

    def add_rule(self, rule: dict[str, Any]) -> Json:
        """Add a rule, such as {"operation": "ebay.*", "outcome": "rate_limited", "times": 2}.

        Members: operation, match, outcome or status, delay, fault, state, times, skip, probability, ttl, priority.
        """
        return self._ask("POST", "/rules", rule)

    def clear_rules(self) -> Json:
        """Remove all rules of the workspace."""
        return self._ask("DELETE", "/rules")

    def list_scenarios(self) -> Json:
        """List the ready-made scenarios and those of the workspace."""
        return self._ask("GET", "/scenarios")

    def start_scenario(self, name: str) -> Json:
        """Start a scenario: its rules, clock and settings."""
        return self._ask("POST", path_of("scenarios", name, "start"))

    def stop_scenario(self, name: str) -> Json:
        """Stop a scenario, and restore clock and settings."""
        return self._ask("POST", path_of("scenarios", name, "stop"))

    def get_clock(self) -> Json:
        """Return the time of the workspace's clock, and whether it runs."""
        return self._ask("GET", "/clock")

    def advance_clock(self, by: str) -> Json:
        """Advance the workspace's clock by an ISO 8601 duration such as P2D, and return the state changes."""
        return self._ask("POST", "/clock/advance", {"by": by})

    def get_records(self, provider: str, collection: str, id: str = "") -> Json:
        """Return a record, or all records of a collection such as ebay and offers."""
        return self._ask("GET", path_of("state", provider, collection, *([id] if id else [])))

    def make_transition(self, provider: str, collection: str, id: str, to: str) -> Json:
        """Make a transition of a record happen now: a buyer accepts, an evaluation ends, an offer expires."""
        return self._ask("POST", path_of("state", provider, collection, id, "transitions"), {"to": to})

    def reset_workspace(self) -> Json:
        """Reset the workspace: records, rules, clock, settings and journal."""
        return self._ask("POST", "/reset", {})

    def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        payload = self._target.call(method, path) if body is None else self._target.send(method, path, body)
        found: Json = json.loads(payload) if payload else {"done": True}
        return found

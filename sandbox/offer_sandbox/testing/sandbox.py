"""A workspace of a sandbox server as one object for tests, scripts and notebooks."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from offer_sandbox.testing.control import Control, ControlError, segment
from offer_sandbox.testing.parts import (
    Json,
    SandboxClock,
    SandboxRequests,
    SandboxRules,
    SandboxSettings,
    SandboxState,
    SandboxWebhooks,
    full_outcome,
)
from offer_sandbox.testing.report import report
from offer_sandbox.testing.server_process import RunningServer, ServerProcess

if TYPE_CHECKING:
    from offer_sandbox.contract import Provider
    from offer_sandbox.publish.trace import Trace
    from offer_sandbox.testing.interception import Interception

CLOCK = "2026-04-17T19:45:00Z"  # the time for which the documentation's examples fit
_SHORT_SECONDS = 60  # steps that take at most this long complete by reads instead


class Sandbox:
    """A workspace in which every run of a test is the same.

    Its clock stands still at `clock`. Asynchronous steps, such as an evaluation of Opendoor, complete at the
    second read instead of after some seconds. Without a `server` it starts one, and stops it at the end:

        with Sandbox() as sandbox:
            client = MyClient(**sandbox.env("sibi"))

    - `url`: the server's URL, such as `http://127.0.0.1:54321`.
    - `clock`, `rules`, `requests`, `state`, `settings`, `webhooks`: see their classes.

    Raises ServerFailed if the server does not start, ControlError for a clock or a workspace that is not valid.
    """

    def __init__(
        self,
        *,
        server: RunningServer | None = None,
        workspace: str = "test",
        seed: int = 42,
        clock: str = CLOCK,
        flags: Sequence[str] = (),
        traced: bool = False,
    ) -> None:
        """Creates the workspace. `flags` are the flags of `serve`, for an own server. With `traced` the calls of
        the control API are recorded, for `trace`."""
        self._own = ServerProcess(flags) if server is None else None
        self._server: RunningServer = server if server is not None else cast(ServerProcess, self._own)
        self.url = self._server.url
        self.workspace = workspace
        self._begun: dict[str, Any] = {"workspace": workspace, "seed": seed, "flags": flags}
        self._control = _traced_control(self.url, workspace) if traced else Control(self.url, workspace)
        self.clock = SandboxClock(self._control)
        self.rules = SandboxRules(self._control)
        self.requests = SandboxRequests(self._control)
        self.state = SandboxState(self._control)
        self.settings = SandboxSettings(self._control)
        self.webhooks = SandboxWebhooks(self._control)
        try:
            self._begin(seed, clock)
        except BaseException:
            self.close()
            raise

    def _begin(self, seed: int, clock: str) -> None:
        self._control.call("POST", "/workspaces", {"name": self.workspace, "seed": seed})
        self.clock.freeze(clock)
        steps = self.settings.get()["progressions"]
        short = [name for name, step in steps.items() if step and step.get("seconds", 0) <= _SHORT_SECONDS]
        self.settings.set(progressions={name: {"progression": "manual", "polls": 1} for name in short})

    # Clients

    def credential(self, provider: str) -> str:
        """Returns the key of the workspace for a client of a provider: the token after `Bearer` or `Basic`, the
        client id and secret of eBay, the public half of EstatePrime's pair. Raises ValueError for an unknown
        provider."""
        self._provider(provider)
        return f"sbx_{self.workspace}"

    def env(self, provider: str) -> dict[str, str]:
        """Returns the environment variables that point a client of a provider to this workspace, as
        `offer-sandbox env` prints them. Raises ValueError for an unknown provider."""
        return self._provider(provider).variables(self.url, self.credential(provider))

    def scenario(self, name: str) -> Json:
        """Starts a ready scenario, such as `sibi-errors`. Raises ControlError for an unknown one."""
        try:
            started: Json = self._control.call("POST", f"/scenarios/{segment(name)}/start")
        except ControlError as error:
            known = ", ".join(each["name"] for each in self._control.call("GET", "/scenarios")["scenarios"])
            raise ControlError(error.status, {**error.problem, "detail": f"{error} (known: {known})"}) from None
        return started

    def intercept(self) -> AbstractContextManager["Interception"]:
        """Redirects calls of this process to the providers' documented hosts into this workspace, whatever their
        credential, while the block of `with` runs. They use TLS. Calls to other hosts fail and are counted in
        `refused` of the result, except to the loopback and to what NO_PROXY names:

            with sandbox.intercept():
                unchanged_client.send_offer()  # calls https://api.ebay.com
        """
        from offer_sandbox.testing.interception import intercepted

        return intercepted(self._server, self.workspace)

    # Assertions

    def assert_called(self, operation: str, *, outcome: str | None = None, times: int | None = None) -> None:
        """Fails unless the operation, such as `sibi.getOffer`, was called: `times` times, or at least once. With
        an `outcome` (its full id or its last part) only those calls count."""
        __tracebackhide__ = True
        number = self.requests.count(operation, outcome)
        if number != times if times is not None else number == 0:
            wanted = "at least once" if times is None else f"{times} times"
            raise AssertionError(self._told(operation, outcome, f"was called {number} times, expected {wanted}"))

    def assert_not_called(self, operation: str, *, outcome: str | None = None) -> None:
        """Fails if the operation was called (with that outcome)."""
        __tracebackhide__ = True
        self.assert_called(operation, outcome=outcome, times=0)

    def assert_all_rules_fired(self) -> None:
        """Fails if a rule of the workspace has had no effect on any call."""
        __tracebackhide__ = True
        idle = [rule for rule in self.rules if rule["hits"] == 0]
        if idle:
            named = "\n".join(f"  {rule['id']}: {_told_rule(rule)}" for rule in idle)
            raise AssertionError(f"These rules have had no effect:\n{named}\n{self.report()}")

    def wait_for(
        self, operation: str, *, outcome: str | None = None, times: int = 1, timeout: float = 10.0
    ) -> list[Json]:
        """Waits until the operation was called `times` times in all, for at most `timeout` seconds of real time.
        Returns the calls, oldest first. Fails if they do not come."""
        __tracebackhide__ = True
        full = full_outcome(operation, outcome)
        try:
            found = self._control.call(
                "GET", "/requests/wait", operation=operation, outcome=full, count=times, timeout=timeout
            )
        except ControlError as error:
            if error.status != 408:
                raise
            what = f"was not called {times} times within {timeout:g} seconds"
            raise AssertionError(self._told(operation, outcome, what)) from None
        return list(reversed(found["requests"]))

    def report(self) -> str:
        """Returns the latest calls as text, five lines for each, the reason first."""
        return report(self.requests.list(), self.url)

    def trace(self, test: str = "", phase: str = "", place: str = "", failure: str = "") -> "Trace":
        """Returns the document of a trace file: all that has happened in the workspace, without secrets. The
        arguments tell what failed: the id of the test, its phase, the place in the code, and the message. Raises
        RuntimeError unless the sandbox is `traced`."""
        from offer_sandbox.testing.trace import collected
        from offer_sandbox.testing.traced_control import TracedControl

        if not isinstance(self._control, TracedControl):
            raise RuntimeError("only a Sandbox(traced=True) has a trace")
        return collected(self._control, **self._begun, test=test, phase=phase, place=place, failure=failure)

    # Lifetime

    def reset(self) -> None:
        """Restores the records, and deletes the rules and the journal. Clock and settings stay."""
        self._control.call("POST", "/reset", {"scope": ["state", "rules", "journal"]})

    def close(self) -> None:
        """Deletes the workspace, and stops the server if it is this object's own."""
        if self._own is not None:
            self._own.stop()
        elif self._server.is_running and not self._server.keeps:
            self._control.call("DELETE", f"/workspaces/{segment(self.workspace)}")
        self._control.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def _provider(self, name: str) -> "Provider":
        from offer_sandbox.providers import providers

        known = providers()
        if name not in known:
            raise ValueError(f"unknown provider {name!r} (known: {', '.join(sorted(known))})")
        return known[name]

    def _told(self, operation: str, outcome: str | None, what: str) -> str:
        self._server.check()
        subject = full_outcome(operation, outcome) or operation
        return f"{subject} {what}.\n{self.report()}"


def _traced_control(url: str, workspace: str) -> Control:
    from offer_sandbox.testing.traced_control import TracedControl

    return TracedControl(url, workspace)


def _told_rule(rule: Mapping[str, Any]) -> str:
    """Returns the members of a rule that a test has chosen."""
    own = ("operation", "outcome", "fault", "status", "delay_ms", "times", "match", "matched")
    return ", ".join(f"{name} {rule[name]}" for name in own if rule.get(name) not in (None, {}))

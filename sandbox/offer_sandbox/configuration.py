"""The configuration of a server: each setting once, with its flag, variable, type, default and description."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, Self

from offer_sandbox.environment import PREFIX, switched_on, variable
from offer_sandbox.world.clock import ClockError, parse_duration, real_now
from offer_sandbox.world.limits import Limits
from offer_sandbox.world.locations import Location, location
from offer_sandbox.world.rng import DEFAULT_SEED

DEFAULT_PORT = 4242
_MAX_COUNT = 10**9
_MAX_ENTRIES = 1_000_000
_MAX_IDLE = 3650 * 86_400
_MAX_PID = 10**10 - 1
_MAX_SEED = 10**15 - 1
_MAX_STATE_MIB = 4096
_MAX_WORKERS = 64
_MIN_RECORDS = 1_000  # more than the fixtures of all providers but EstatePrime
_MIB = 1024 * 1024
_LOG_FORMATS = ("json", "text", "off")
_USUAL = Limits()
Section = Literal["Address", "Workspaces", "Access", "Limits", "Process and output"]


class InvalidSetting(ValueError):
    """A setting cannot have the given value. The message names the flag or the variable, and the value."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting of a server.

    - `name`: the name of the field in Configuration. The flag and the variable are derived from it.
    - `section`: the heading in the help.
    - `help`: a short description, without the default.
    - `kind`: `value`, `switch` (true or false) or `list` (several values). In a variable, blanks separate them.
    - `metavar`: what the help shows in place of the value. Empty for a switch.
    - `shown`: the default as the help shows it. Empty for none.
    - `reads`: returns the value for a text. Raises ValueError with what the value must be.
    - `serve_only`: whether it has no effect under another WSGI server.
    """

    name: str
    section: Section
    help: str
    kind: Literal["value", "switch", "list"]
    metavar: str
    shown: str
    reads: Callable[[str], Any]
    serve_only: bool

    @property
    def flag(self) -> str:
        """The flag, such as `--admin-token`."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def variable(self) -> str:
        """The variable, such as `OFFER_SANDBOX_ADMIN_TOKEN`."""
        return f"{PREFIX}{self.name.upper()}"

    def of_flag(self, given: Any) -> Any:
        """Returns the value for what a command line gives. Raises InvalidSetting."""
        if self.kind == "switch":
            return bool(given)
        if self.kind == "list":
            return tuple(self._read(each, self.flag) for each in given)
        return self._read(given, self.flag)

    def of_variable(self) -> Any:
        """Returns the value for the variable, or None if it is not set. Raises InvalidSetting."""
        text = variable(self.name.upper())
        if text is None:
            return None
        if self.kind == "switch":
            return switched_on(self.name.upper())
        if self.kind == "list":
            return tuple(self._read(each, f"{self.flag} ({self.variable})") for each in text.split())
        return self._read(text, f"{self.flag} ({self.variable})")

    def _read(self, text: str, called: str) -> Any:
        try:
            return self.reads(text)
        except ValueError as error:
            raise InvalidSetting(f"{called} {error}") from None


def _setting(
    section: Section,
    help: str,
    default: Any = None,
    *,
    reads: Callable[[str], Any] = str,
    metavar: str = "",
    shown: str = "",
    serve_only: bool = False,
) -> Any:
    if type(default) in (int, str):  # a switch or a list shows no default
        shown = str(default)
    declared = {"section": section, "help": help, "reads": reads, "metavar": metavar, "shown": shown}
    return field(default=default, metadata={**declared, "serve_only": serve_only})


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 17 and lowest <= int(text) <= highest):
            raise ValueError(f"must be a whole number from {lowest} to {highest}, not {text!r}")
        return int(text)

    return read


def _one_of(*values: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in values:
            raise ValueError(f"must be one of {', '.join(values)}, not {text!r}")
        return text

    return read


def _token(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty, because that would open the control API to everyone")
    return text


def _idle(text: str) -> float:
    """Returns a time to live in seconds."""
    try:
        number = re.fullmatch(r"[0-9]+(\.[0-9]+)?", text)
        seconds = float(text) if number else parse_duration(text, real_now()).total_seconds()
    except (ClockError, OverflowError) as error:
        raise ValueError(f"must be in seconds or an ISO 8601 duration: {error}") from None
    if not 1 <= seconds <= _MAX_IDLE:
        raise ValueError(f"must be from 1 to {_MAX_IDLE} seconds, not {text}")
    return seconds


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """The settings of a server, from flags, variables and defaults. The server checks names and files when it
    starts."""

    host: str | None = _setting(
        "Address", "Address to listen on.", metavar="HOST", shown="the loopback, IPv4 and IPv6", serve_only=True
    )
    port: int = _setting(
        "Address",
        "Port to listen on. 0 picks a free one.",
        DEFAULT_PORT,
        reads=_whole(0, 65_535),
        metavar="PORT",
        serve_only=True,
    )
    public_url: str | None = _setting(
        "Address",
        "Origin of links in responses, such as https://sandbox.example.",
        metavar="ORIGIN",
        shown="the Host of each request",
    )
    tls: bool = _setting(
        "Address",
        "Also serve HTTPS on the same port. Clients must trust the CA that `offer-sandbox ca` prints.",
        default=False,
        serve_only=True,
    )
    data: Location | None = _setting(
        "Workspaces",
        "Folder to store the state in, or the postgresql:// URL of a database that several servers may share.",
        reads=location,
        metavar="FOLDER|URL",
        shown="in memory",
    )
    seed: int = _setting(
        "Workspaces",
        "Seed of the generated records.",
        DEFAULT_SEED,
        reads=_whole(0, _MAX_SEED),
        metavar="NUMBER",
    )
    clock: str | None = _setting(
        "Workspaces",
        "Clock of a new workspace: real, frozen, real@TIME or frozen@TIME.",
        metavar="CLOCK",
        shown="real",
    )
    scenario: str | None = _setting(
        "Workspaces",
        "Scenario that starts in every new workspace: the name of a ready-made one, or a file.",
        metavar="SCENARIO",
        shown="none",
    )
    contract: tuple[str, ...] = _setting(
        "Workspaces",
        "Version of a provider's contract, such as ebay=1.1.2. Repeatable.",
        (),
        metavar="PROVIDER=VERSION",
    )
    journal_size: int = _setting(
        "Workspaces",
        "Number of calls that the journal of a workspace keeps.",
        10_000,
        reads=_whole(1, _MAX_ENTRIES),
        metavar="NUMBER",
    )
    exchanges: Path | None = _setting(
        "Workspaces",
        "Append each exchange to this file, as the journal has it: one JSON object per line.",
        reads=Path,
        metavar="FILE",
        shown="none",
    )
    plain: bool = _setting(
        "Workspaces", "Leave the X-Sandbox headers out of the providers' responses.", default=False
    )
    auth: str = _setting(
        "Access",
        "open: sbx_<workspace> opens its workspace. keys: only issued keys do.",
        "open",
        reads=_one_of("open", "keys"),
        metavar="open|keys",
    )
    admin_token: str | None = _setting(
        "Access",
        "Token that the control API requires.",
        reads=_token,
        metavar="TOKEN",
        shown="none on the loopback",
    )
    allow_host: tuple[str, ...] = _setting(
        "Access", "Additional Host name that the control API accepts. Repeatable.", (), metavar="NAME"
    )
    allow_webhook_host: tuple[str, ...] = _setting(
        "Access", "Host outside the loopback that may receive webhooks. Repeatable.", (), metavar="NAME"
    )
    hold_webhooks: bool = _setting("Access", "Send no webhook. GET /__admin/webhooks lists them.", default=False)
    cors: tuple[str, ...] = _setting(
        "Access", "Origin whose pages may call the providers' paths, or *. Repeatable.", (), metavar="ORIGIN"
    )
    trusted_proxy: tuple[str, ...] = _setting(
        "Access",
        "Address or network of a proxy whose X-Forwarded-For and -Proto headers are trusted. Repeatable.",
        (),
        metavar="ADDRESS",
        serve_only=True,
    )
    max_workspaces: int = _setting(
        "Limits",
        "Maximum number of workspaces.",
        _USUAL.workspaces,
        reads=_whole(1, _MAX_COUNT),
        metavar="NUMBER",
    )
    max_records: int = _setting(
        "Limits",
        f"Maximum number of records per workspace, at least {_MIN_RECORDS}.",
        _USUAL.records,
        reads=_whole(_MIN_RECORDS, _MAX_COUNT),
        metavar="NUMBER",
    )
    max_parked: int = _setting(
        "Limits",
        "Maximum number of calls that wait at the same time.",
        _USUAL.parked,
        reads=_whole(1, _MAX_COUNT),
        metavar="NUMBER",
    )
    max_streams: int = _setting(
        "Limits",
        "Maximum number of open event streams per client.",
        _USUAL.streams,
        reads=_whole(1, _MAX_COUNT),
        metavar="NUMBER",
    )
    max_connections: int | None = _setting(
        "Limits",
        "Maximum number of open connections.",
        reads=_whole(1, _MAX_COUNT),
        metavar="NUMBER",
        shown="the descriptor limit less 64, at most 10000",
        serve_only=True,
    )
    max_state_body: int = _setting(
        "Limits",
        "Largest body with records, for state and snapshots, in MiB.",
        _USUAL.state_body // _MIB,
        reads=_whole(1, _MAX_STATE_MIB),
        metavar="MIB",
    )
    workspace_ttl: float | None = _setting(
        "Limits",
        "Delete workspaces that were not used for this time: seconds, or a duration such as P7D.",
        reads=_idle,
        metavar="TIME",
        shown="never",
    )
    workers: int = _setting(
        "Process and output",
        "Number of processes that share the --data folder or database.",
        1,
        reads=_whole(1, _MAX_WORKERS),
        metavar="NUMBER",
        serve_only=True,
    )
    end_with: int | None = _setting(
        "Process and output",
        "Stop when this process has ended, however it ended.",
        reads=_whole(1, _MAX_PID),
        metavar="PID",
        shown="never",
        serve_only=True,
    )
    log: str | None = _setting(
        "Process and output",
        "Log format on standard error, one line per call.",
        reads=_one_of(*_LOG_FORMATS),
        metavar="|".join(_LOG_FORMATS),
        shown="text on a terminal, otherwise json",
        serve_only=True,
    )
    json: bool = _setting(
        "Process and output", "Print the URL and the token as one JSON object.", default=False, serve_only=True
    )

    def __post_init__(self) -> None:
        if self.workers > 1 and self.data is None:
            raise InvalidSetting("--workers greater than 1 needs --data, which the processes share")

    @classmethod
    def of(cls, flags: Mapping[str, Any] | None = None) -> Self:
        """Returns the configuration for the flags that a command line gives, by name. A flag that is missing,
        None, False or empty leaves its variable in force, or without one its default. Raises InvalidSetting."""
        return cls(**dict(_given(flags or {}, settings())))

    @property
    def limits(self) -> Limits:
        """The limits of the server."""
        return Limits(
            workspaces=self.max_workspaces,
            records=self.max_records,
            idle_seconds=self.workspace_ttl,
            parked=self.max_parked,
            streams=self.max_streams,
            connections=self.max_connections,
            state_body=self.max_state_body * _MIB,
        )


def usable(flags: Mapping[str, Any]) -> tuple[Configuration, set[str]]:
    """Returns the configuration without the settings that have an invalid value, and the names of these."""
    found: dict[str, Any] = {}
    rejected: set[str] = set()
    for each in settings():
        try:
            found |= dict(_given(flags, [each]))
        except InvalidSetting:
            rejected.add(each.name)
    if found.get("workers", 1) > 1 and "data" not in found:
        rejected.add("workers")
        del found["workers"]
    return Configuration(**found), rejected


def _given(flags: Mapping[str, Any], among: Sequence[Setting]) -> Iterator[tuple[str, Any]]:
    """Yields the settings that have a flag or a variable."""
    for each in among:
        given = flags.get(each.name)
        value = each.of_variable() if given is None or given is False or given == () else each.of_flag(given)
        if value is not None:
            yield each.name, value


def settings() -> Sequence[Setting]:
    """Returns every setting, in the order of the help."""
    return [_described(each) for each in fields(Configuration)]


def _described(declared: "Field[Any]") -> Setting:
    kind: Literal["value", "switch", "list"] = "value"
    if declared.default == () or declared.default is False:
        kind = "list" if declared.default == () else "switch"
    return Setting(name=declared.name, kind=kind, **declared.metadata)


def as_flags(given: Mapping[str, Any]) -> list[str]:
    """Returns the command line for flags by name, for another process."""
    words: list[str] = []
    for each in settings():
        value = given.get(each.name)
        if each.kind == "switch":
            words += [each.flag] if value else []
        else:
            several = value if each.kind == "list" else [] if value is None else [value]
            words += [f"{each.flag}={one}" for one in several or ()]
    return words

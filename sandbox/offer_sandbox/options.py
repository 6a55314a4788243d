"""The options of a server, from flags or, under other WSGI servers, from the environment."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from offer_sandbox.contract import Provider
from offer_sandbox.environment import switched_on, variable
from offer_sandbox.rules.scenario import Scenario, is_ready, read_scenario, ready, ready_names
from offer_sandbox.rules.settings import SettingsReader, SettingsRefused
from offer_sandbox.webhooks.allowlist import hosts
from offer_sandbox.world.clock import ClockError, parse_duration, parse_instant, real_now
from offer_sandbox.world.limits import Limits
from offer_sandbox.world.rng import DEFAULT_SEED
from offer_sandbox.world.workspaces import Beginning

_MAX_ENTRIES = 1_000_000
_ORIGIN = re.compile(r"https?://([a-z0-9._-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")
LIMITS = (
    "max_workspaces",
    "max_records",
    "workspace_ttl",
    "max_parked",
    "max_streams",
    "max_connections",
    "max_state_body",
)
_MAX_COUNT = 10**9
_MIB, _MAX_STATE_MIB = 1024 * 1024, 4096
_MIN_RECORDS = 1_000  # more than the fixtures of all providers but EstatePrime
_MAX_IDLE = 3650 * 86_400


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options that a server starts with.

    `data` is the folder of the store, or None for a store in memory. `beginning` is the initial state of every
    workspace, and `scenario` starts in each new one. `journal_size` is the number of exchanges that the server
    keeps for each workspace. `limits` are the server's limits. `shared` means that other processes use the folder
    too, and that all of them must see new exchanges immediately. `made` means that the store exists already and
    must not be created again.

    If `admin_token` is None, the control API requires no token (on a server bound to the loopback only).
    `allow_hosts` lists further Host names that a control API without a token accepts. `keyed` means that the
    server accepts only issued keys. `cors` lists the origins whose pages may call providers. `trusted_proxies`
    lists addresses and networks (or `*`) whose `X-Forwarded-For` and `X-Forwarded-Proto` headers the listener
    trusts. `webhook_hosts` lists hosts beyond the loopback that webhooks may be sent to. `exposed` means that
    strangers may reach the server, so webhooks go only to these hosts and not to the loopback.
    `hold_webhooks` means that none is sent at all.

    `exchanges` is a file that each exchange is appended to, None for no file.

    `plain` omits the sandbox's own headers from responses. `public_url` is the origin of all links, for any Host
    that a request names.

    Raises ValueError for an empty token, and for an invalid host, address or origin.
    """

    data: Path | None = None
    beginning: Beginning = field(default_factory=lambda: Beginning(seed=DEFAULT_SEED))
    scenario: Scenario | None = None
    admin_token: str | None = None
    exposed: bool = False
    cors: tuple[str, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    keyed: bool = False
    limits: Limits = field(default_factory=Limits)
    webhook_hosts: tuple[str, ...] = ()
    hold_webhooks: bool = False
    journal_size: int = 10_000
    exchanges: Path | None = None
    shared: bool = False
    made: bool = False
    plain: bool = False
    trusted_proxies: tuple[str, ...] = ()
    public_url: str | None = None

    def __post_init__(self) -> None:
        if self.admin_token == "":
            raise ValueError("an empty admin token would open the control API to everyone")
        hosts(self.webhook_hosts)
        hosts(self.allow_hosts)
        if wrong := [each for each in self.cors if each != "*" and not _ORIGIN.fullmatch(each)]:
            raise ValueError(f"an allowed origin must be * or like https://app.example:8080, not {wrong[0]!r}")
        if self.public_url is not None and not _ORIGIN.fullmatch(self.public_url):
            raise ValueError(
                f"the public URL must be an origin such as https://sandbox.example:8443, not {self.public_url!r}"
            )
        for proxy in self.trusted_proxies:
            _check_proxy(proxy)

    @classmethod
    def from_environment(cls, providers: Mapping[str, Provider]) -> "Options":
        """Returns the options in the `OFFER_SANDBOX_*` variables, which are named like the flags of `serve`.
        Blanks separate several names. Raises ValueError for an invalid value."""
        data, seed, scenario = variable("DATA"), variable("SEED"), variable("SCENARIO")
        contracts = (variable("CONTRACT") or "").split()
        return cls(
            data=Path(data) if data else None,
            beginning=beginning(int(seed) if seed else DEFAULT_SEED, variable("CLOCK"), contracts, providers),
            scenario=load_scenario(scenario, providers) if scenario else None,
            admin_token=variable("ADMIN_TOKEN"),
            exposed=variable("ADMIN_TOKEN") is not None,
            cors=tuple((variable("CORS") or "").split()),
            allow_hosts=tuple((variable("ALLOW_HOST") or "").split()),
            keyed=auth(variable("AUTH")),
            limits=limits(**{name: variable(name.upper()) for name in LIMITS}),
            webhook_hosts=tuple((variable("ALLOW_WEBHOOK_HOST") or "").split()),
            hold_webhooks=switched_on("HOLD_WEBHOOKS"),
            journal_size=entries(variable("JOURNAL_SIZE") or "10000"),
            exchanges=exchange_file(variable("EXCHANGES")),
            shared=True,  # the WSGI server may start several processes
            plain=switched_on("PLAIN"),
            public_url=variable("PUBLIC_URL"),
        )


def _check_proxy(text: str) -> None:
    try:
        ipaddress.ip_network("0.0.0.0/0" if text == "*" else text)
    except ValueError:
        raise ValueError(
            f"a trusted proxy must be an address like 10.0.0.7, a network like 10.0.0.0/8, or *, not {text!r}"
        ) from None


def beginning(
    seed: int, clock: str | None, contracts: Sequence[str], providers: Mapping[str, Provider]
) -> Beginning:
    """Returns the initial state of every workspace. `clock` is `real`, `frozen`, an instant to freeze it at, or
    `real@` or `frozen@` followed by an instant. `contracts` are like `ebay=1.1.2`. Raises ValueError."""
    mode, at, instant = (clock or "real").partition("@")
    if mode not in ("real", "frozen"):
        mode, at, instant = "frozen", "@", clock or ""
    given = dict(each.partition("=")[::2] for each in contracts)
    try:
        now = parse_instant(instant) if at else None
        settings = SettingsReader(providers).merged({}, {"contracts": given} if given else {})
    except ClockError as error:
        raise ValueError(f"the clock must be real, frozen or a timestamp: {error}") from None
    except SettingsRefused as error:
        raise ValueError(str(error)) from None
    return Beginning(seed=seed, mode=mode, now=now, settings=settings)


def load_scenario(name: str, providers: Mapping[str, Provider]) -> Scenario:
    """Returns a ready scenario by its name, or one from a file. Raises ValueError with the reason if that
    fails."""
    found = ready(name)
    if found is not None:
        return found
    path = Path(name)
    if not path.is_file():
        known = ", ".join(ready_names())
        raise ValueError(f"{name!r} is neither a file nor a ready scenario (ready scenarios: {known})")
    scenario, mistakes = read_scenario(path.read_bytes(), providers)
    if scenario is None:
        raise ValueError(f"{path}:{next(each for each in mistakes if not each.advisory)}")
    if ready(scenario["scenario"]) is not None and not is_ready(scenario):
        raise ValueError(f"{path} has the name of the ready scenario {scenario['scenario']} (choose another name)")
    return scenario


def entries(text: str) -> int:
    """Returns the number of exchanges that the journal keeps, from 1 to a million. Raises ValueError."""
    return _whole("the journal size", text, 1, _MAX_ENTRIES)


def exchange_file(text: str | None) -> Path | None:
    """Returns the file for the exchanges, which is created if it does not exist. Raises ValueError if it cannot be
    written."""
    if not text:
        return None
    try:
        Path(text).open("ab").close()
    except OSError as error:
        raise ValueError(f"cannot write the exchanges to {text}: {error.strerror or error}") from None
    return Path(text)


def auth(text: str | None) -> bool:
    """Returns True for `keys` (accept only issued keys), and False for `open` or None. Raises ValueError."""
    if text not in (None, "open", "keys"):
        raise ValueError(f"auth must be open or keys, not {text!r}")
    return text == "keys"


def limits(
    max_workspaces: str | None = None,
    max_records: str | None = None,
    workspace_ttl: str | None = None,
    max_parked: str | None = None,
    max_streams: str | None = None,
    max_connections: str | None = None,
    max_state_body: str | None = None,
) -> Limits:
    """Returns the server's limits. The arguments are numbers, named like the flags. `workspace_ttl` is the time
    until an idle workspace is deleted, in seconds or as an ISO 8601 duration. `max_state_body` is in MiB. Raises
    ValueError."""
    usual = Limits()
    return Limits(
        workspaces=_whole("the number of workspaces", max_workspaces or str(usual.workspaces), 1, _MAX_COUNT),
        records=_whole("the number of records", max_records or str(usual.records), _MIN_RECORDS, _MAX_COUNT),
        idle_seconds=_idle(workspace_ttl) if workspace_ttl else None,
        parked=_whole("the number of waiting calls", max_parked or str(usual.parked), 1, _MAX_COUNT),
        streams=_whole("the number of streams", max_streams or str(usual.streams), 1, _MAX_COUNT),
        connections=_whole("the number of connections", max_connections, 1, _MAX_COUNT)
        if max_connections
        else None,
        state_body=_whole("the size of records in MiB", max_state_body, 1, _MAX_STATE_MIB) * _MIB
        if max_state_body
        else usual.state_body,
    )


def _idle(text: str) -> float:
    try:
        seconds = float(text) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else _duration(text)
    except (ClockError, OverflowError) as error:
        raise ValueError(f"the time to live must be in seconds or an ISO 8601 duration: {error}") from None
    if not 1 <= seconds <= _MAX_IDLE:
        raise ValueError(f"the time to live must be from 1 to {_MAX_IDLE} seconds, not {text}")
    return seconds


def _duration(text: str) -> float:
    return parse_duration(text, real_now()).total_seconds()


def _whole(what: str, text: str, minimum: int, maximum: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 12 and minimum <= int(text) <= maximum):
        raise ValueError(f"{what} must be a whole number from {minimum} to {maximum}, not {text!r}")
    return int(text)

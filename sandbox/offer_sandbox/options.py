"""The options that a server is assembled with: its configuration, with names and files looked up."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from offer_sandbox.configuration import Configuration
from offer_sandbox.contract import Provider
from offer_sandbox.rules.scenario import Scenario, is_ready, read_scenario, ready, ready_names
from offer_sandbox.rules.settings import SettingsReader, SettingsRefused
from offer_sandbox.webhooks.allowlist import hosts
from offer_sandbox.world.clock import ClockError, parse_instant
from offer_sandbox.world.limits import Limits
from offer_sandbox.world.locations import DatabaseUrl, Location
from offer_sandbox.world.rng import DEFAULT_SEED
from offer_sandbox.world.workspaces import Beginning

_ORIGIN = re.compile(r"https?://([a-z0-9._-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options that a server starts with.

    `data` is the folder or the database of the store, or None for a store in memory. `beginning` is the initial
    state of every workspace, and `scenario` starts in each new one. `journal_size` is the number of exchanges that
    the server keeps for each workspace. `limits` are the server's limits. `shared` means that other processes use
    the folder or the database too, and that all of them must see new exchanges immediately. `made` means that the
    store exists already and must not be created again.

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

    data: Location | None = None
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

    @property
    def remote(self) -> bool:
        """Whether the store is behind a network."""
        return isinstance(self.data, DatabaseUrl)

    @classmethod
    def of(
        cls,
        configuration: Configuration,
        providers: Mapping[str, Provider],
        *,
        admin_token: str | None,
        exposed: bool,
        shared: bool,
    ) -> Self:
        """Returns the options for a configuration. Raises ValueError for an invalid value."""
        given = configuration
        return cls(
            data=given.data,
            beginning=beginning(given.seed, given.clock, given.contract, providers),
            scenario=load_scenario(given.scenario, providers) if given.scenario else None,
            admin_token=admin_token,
            exposed=exposed,
            cors=given.cors,
            allow_hosts=given.allow_host,
            keyed=given.auth == "keys",
            limits=given.limits,
            webhook_hosts=given.allow_webhook_host,
            hold_webhooks=given.hold_webhooks,
            journal_size=given.journal_size,
            exchanges=_writable(given.exchanges),
            shared=shared or isinstance(given.data, DatabaseUrl),
            plain=given.plain,
            trusted_proxies=given.trusted_proxy,
            public_url=given.public_url,
        )

    @classmethod
    def from_environment(cls, providers: Mapping[str, Provider]) -> Self:
        """Returns the options for another WSGI server, from the `OFFER_SANDBOX_*` variables. Such a server may
        start several processes, and listens where it is told. Raises ValueError for an invalid value."""
        given = Configuration.of()
        token = given.admin_token
        return cls.of(given, providers, admin_token=token, exposed=token is not None, shared=True)


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


def _writable(file: Path | None) -> Path | None:
    """Returns the file for the exchanges, which is created if it does not exist. Raises ValueError if it cannot be
    written."""
    if file is not None:
        try:
            file.open("ab").close()
        except OSError as error:
            raise ValueError(f"cannot write the exchanges to {file}: {error.strerror or error}") from None
    return file

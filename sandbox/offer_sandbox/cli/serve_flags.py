"""The flags of `serve`."""

import argparse

from offer_sandbox.environment import switched_on, variable

DEFAULT_PORT = 4242


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the flags. Each has an environment variable, `OFFER_SANDBOX_<FLAG>`, as its default."""
    parser.add_argument(
        "--host", default=variable("HOST"), help="address to listen on (default: the loopback, IPv4 and IPv6)"
    )
    parser.add_argument(
        "--port",
        default=variable("PORT", str(DEFAULT_PORT)),
        help="port to listen on, 0 picks a free one (default: 4242)",
    )
    _add_world(parser)
    _add_limits(parser)
    _add_doors(parser)
    _add_running(parser)


def _add_doors(parser: argparse.ArgumentParser) -> None:
    """Adds the flags for access: hosts, origins, proxies, TLS."""
    parser.add_argument(
        "--admin-token", default=variable("ADMIN_TOKEN"), help="token that the control API requires"
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=None,
        metavar="NAME",
        help="additional Host name that the control API accepts, repeatable",
    )
    parser.add_argument(
        "--allow-webhook-host",
        action="append",
        default=None,
        metavar="NAME",
        help="host outside the loopback that may receive webhooks, repeatable",
    )
    parser.add_argument(
        "--hold-webhooks",
        action="store_true",
        default=switched_on("HOLD_WEBHOOKS"),
        help="send no webhook; GET /__admin/webhooks lists them",
    )
    parser.add_argument(
        "--cors",
        action="append",
        default=None,
        metavar="ORIGIN",
        help="origin whose pages may call the providers' paths, or *, repeatable",
    )
    parser.add_argument(
        "--trusted-proxy",
        action="append",
        default=None,
        metavar="ADDRESS",
        help="address or network of a proxy whose X-Forwarded-For and -Proto headers are trusted (default: none)",
    )
    parser.add_argument(
        "--public-url",
        default=variable("PUBLIC_URL"),
        metavar="ORIGIN",
        help="origin of links in responses, such as https://sandbox.example (default: the Host of each request)",
    )
    parser.add_argument(
        "--tls",
        action="store_true",
        default=switched_on("TLS"),
        help="also serve HTTPS on the same port (clients must trust the CA that `offer-sandbox ca` prints)",
    )


def _add_running(parser: argparse.ArgumentParser) -> None:
    """Adds the flags for processes and output."""
    parser.add_argument(
        "--workers",
        default=variable("WORKERS"),
        metavar="N",
        help="number of processes that share the --data folder (default: 1)",
    )
    parser.add_argument(
        "--end-with",
        default=variable("END_WITH"),
        metavar="PID",
        help="stop when this process has ended, however it ended (default: never)",
    )
    parser.add_argument(
        "--log",
        default=variable("LOG"),
        metavar="json|text|off",
        help="log format on standard error, one line per call (default: text on a terminal, otherwise json)",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        default=switched_on("JSON"),
        help="print the URL and the token as one JSON object",
    )


def _add_world(parser: argparse.ArgumentParser) -> None:
    """Adds the flags for workspaces: state, clock, scenario, contract, journal."""
    parser.add_argument(
        "--data", default=variable("DATA"), help="folder to store the state in (default: in memory)"
    )
    parser.add_argument("--seed", default=variable("SEED"), help="seed of the generated records (default: 42)")
    parser.add_argument(
        "--clock",
        default=variable("CLOCK"),
        help="clock of a new workspace: real, frozen, real@TIME or frozen@TIME (default: real)",
    )
    parser.add_argument(
        "--scenario",
        default=variable("SCENARIO"),
        help="scenario that starts in every new workspace: the name of a ready-made one, or a file",
    )
    parser.add_argument(
        "--contract",
        action="append",
        default=None,
        metavar="PROVIDER=VERSION",
        help="version of a provider's contract, such as ebay=1.1.2, repeatable",
    )
    parser.add_argument(
        "--journal-size",
        default=variable("JOURNAL_SIZE") or "10000",
        help="number of calls that the journal of a workspace keeps (default: 10000)",
    )
    parser.add_argument(
        "--exchanges",
        default=variable("EXCHANGES"),
        metavar="FILE",
        help="append each exchange to this file, as the journal has it: one JSON object per line (default: none)",
    )
    parser.add_argument(
        "--plain",
        action="store_true",
        default=switched_on("PLAIN"),
        help="leave the X-Sandbox headers out of the providers' responses",
    )


def _add_limits(parser: argparse.ArgumentParser) -> None:
    """Adds the flags for authentication and limits."""
    parser.add_argument(
        "--auth",
        default=variable("AUTH"),
        metavar="open|keys",
        help="open: sbx_<workspace> opens its workspace; keys: only issued keys do (default: open)",
    )
    parser.add_argument(
        "--max-workspaces", default=variable("MAX_WORKSPACES"), help="maximum number of workspaces (default: 5000)"
    )
    parser.add_argument(
        "--max-records",
        default=variable("MAX_RECORDS"),
        help="maximum number of records per workspace, at least 1000 (default: 1000000)",
    )
    parser.add_argument(
        "--max-parked",
        default=variable("MAX_PARKED"),
        help="maximum number of calls that wait at the same time (default: 10000)",
    )
    parser.add_argument(
        "--max-streams",
        default=variable("MAX_STREAMS"),
        help="maximum number of open event streams per client (default: 100)",
    )
    parser.add_argument(
        "--max-connections",
        default=variable("MAX_CONNECTIONS"),
        help="maximum number of open connections (default: the descriptor limit less 64, at most 10000)",
    )
    parser.add_argument(
        "--max-state-body",
        default=variable("MAX_STATE_BODY"),
        metavar="MIB",
        help="largest body with records, for state and snapshots, in MiB (default: 32)",
    )
    parser.add_argument(
        "--workspace-ttl",
        default=variable("WORKSPACE_TTL"),
        help="delete workspaces unused for this time: seconds, or a duration such as P7D (default: never)",
    )

"""Declares the flags of `serve`; reads none of their values."""

import argparse

from offer_sandbox.environment import switched_on, variable

DEFAULT_PORT = 4242


def add(parser: argparse.ArgumentParser) -> None:
    """Every flag can also be given as OFFER_SANDBOX_<FLAG> in the environment."""
    parser.add_argument(
        "--host", default=variable("HOST"), help="address to bind (default: the loopback, IPv4 and IPv6)"
    )
    parser.add_argument(
        "--port", default=variable("PORT", str(DEFAULT_PORT)), help="port, 0 for a free one (4242)"
    )
    _add_world(parser)
    _add_limits(parser)
    _add_doors(parser)
    _add_running(parser)


def _add_doors(parser: argparse.ArgumentParser) -> None:
    """Who may come, and how."""
    parser.add_argument("--admin-token", default=variable("ADMIN_TOKEN"), help="token of the control API")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=None,
        metavar="NAME",
        help="a further Host name for the control API",
    )
    parser.add_argument(
        "--allow-webhook-host",
        action="append",
        default=None,
        metavar="NAME",
        help="a host beyond the loopback that webhooks may be sent to",
    )
    parser.add_argument(
        "--cors",
        action="append",
        default=None,
        metavar="ORIGIN",
        help="an origin whose pages may call the providers' paths, or *",
    )
    parser.add_argument(
        "--trusted-proxy",
        action="append",
        default=None,
        metavar="ADDRESS",
        help="a proxy's address or network: its X-Forwarded-For and -Proto headers are believed (default: none)",
    )
    parser.add_argument(
        "--public-url",
        default=variable("PUBLIC_URL"),
        metavar="ORIGIN",
        help="what links begin with, such as https://sandbox.example (default: each request's Host)",
    )
    parser.add_argument(
        "--tls",
        action="store_true",
        default=switched_on("TLS"),
        help="serve HTTPS as well, on the same port, for clients that trust the CA of `offer-sandbox ca`",
    )


def _add_running(parser: argparse.ArgumentParser) -> None:
    """How the server runs and what it says."""
    parser.add_argument(
        "--workers", default=variable("WORKERS"), metavar="N", help="processes that serve on one --data folder (1)"
    )
    parser.add_argument(
        "--log",
        default=variable("LOG"),
        metavar="json|text|off",
        help="a line for each exchange on standard error (default: text on a terminal, else json)",
    )
    parser.add_argument("--json", action="store_true", default=switched_on("JSON"), help="print one JSON object")


def _add_world(parser: argparse.ArgumentParser) -> None:
    """What the workspaces are, and how their answers look."""
    parser.add_argument("--data", default=variable("DATA"), help="folder that keeps the state (default: memory)")
    parser.add_argument("--seed", default=variable("SEED"), help="number from which the seeded world is made (42)")
    parser.add_argument(
        "--clock",
        default=variable("CLOCK"),
        help="how every workspace's clock begins: real (default), frozen, or an instant at which it stands",
    )
    parser.add_argument(
        "--scenario",
        default=variable("SCENARIO"),
        help="runs in every workspace that is made: a ready one's name, or a file",
    )
    parser.add_argument(
        "--contract",
        action="append",
        default=None,
        metavar="PROVIDER=VERSION",
        help="another version of a provider's contract, such as ebay=1.1.2",
    )
    parser.add_argument(
        "--journal-size",
        default=variable("JOURNAL_SIZE") or "10000",
        help="how many exchanges of a workspace are kept (10000)",
    )
    parser.add_argument(
        "--plain",
        action="store_true",
        default=switched_on("PLAIN"),
        help="providers' answers without X-Sandbox headers",
    )


def _add_limits(parser: argparse.ArgumentParser) -> None:
    """Who is let in, and how much there may be."""
    parser.add_argument(
        "--auth",
        default=variable("AUTH"),
        metavar="open|keys",
        help="open: every sbx_<workspace> opens its workspace (default); keys: only keys that were issued do",
    )
    parser.add_argument(
        "--max-workspaces", default=variable("MAX_WORKSPACES"), help="how many workspaces there may be (5000)"
    )
    parser.add_argument(
        "--max-records",
        default=variable("MAX_RECORDS"),
        help="how many records each may have, 1000 or more (1000000)",
    )
    parser.add_argument(
        "--max-parked", default=variable("MAX_PARKED"), help="how many calls may wait at a time (10000)"
    )
    parser.add_argument(
        "--max-streams", default=variable("MAX_STREAMS"), help="how many streams one client may have open (100)"
    )
    parser.add_argument(
        "--max-connections",
        default=variable("MAX_CONNECTIONS"),
        help="how many connections may be open (what the file descriptors allow, at most 10000)",
    )
    parser.add_argument(
        "--workspace-ttl",
        default=variable("WORKSPACE_TTL"),
        help="drop workspaces that nobody has called for: seconds, or a duration like P7D (never)",
    )

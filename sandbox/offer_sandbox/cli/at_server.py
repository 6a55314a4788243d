"""The flags that name a running sandbox, a workspace of it and the token of its control API."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any
from urllib.parse import quote
from urllib.request import Request

import click

from offer_sandbox.cli.arguments import http_url, workspace_name
from offer_sandbox.cli.background import running
from offer_sandbox.cli.control_call import control_call, control_request
from offer_sandbox.environment import PREFIX, variable

DEFAULT_URL = "http://127.0.0.1:4242"
token_flag = click.option(
    "--admin-token",
    metavar="TOKEN",
    default=lambda: variable("ADMIN_TOKEN"),
    show_default=False,
    help=f"Token of the control API, or the workspace's key. [default: that of `start`] [{PREFIX}ADMIN_TOKEN]",
)
json_flag = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@dataclass(frozen=True)
class Target:
    """A workspace of a running sandbox, and the token that its control API needs, if any."""

    url: str
    workspace: str
    token: str | None

    def call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """Returns the response body of a call below `/__admin`. Raises Failure."""
        return control_call(self.url, method, path, token=self.token, workspace=self.workspace, body=body)

    def send(self, method: str, path: str, value: Any) -> bytes:
        """Returns the response body of such a call with a JSON value as its body. Raises Failure."""
        return self.call(method, path, json.dumps(value).encode())

    def request(self, method: str, path: str) -> Request:
        """Returns the request of such a call, for a response that is read bit by bit. Raises Failure."""
        return control_request(self.url, method, path, token=self.token, workspace=self.workspace)


def path_of(*parts: str) -> str:
    """Returns the path of these parts, in which no part can end early or add another."""
    return "".join(f"/{quote(each, safe='')}" for each in parts)


def _own_token(url: str) -> str | None:
    """Returns the token of the server in the background, if the URL is its own."""
    server = running()
    return server.admin_token if server is not None and server.url == url.rstrip("/") else None


def url_flag(default: str = DEFAULT_URL) -> Callable[..., Any]:
    """Returns the flag `--url`."""
    return click.option(
        "--url",
        metavar="URL",
        default=lambda: variable("URL") or (found.url if (found := running()) else default),
        show_default=False,
        help=f"URL of the sandbox. [default: the server of `start`, else {default}] [{PREFIX}URL]",
    )


def at_server(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates the function of a verb, which gets the `target` of the flags. Raises Misuse for invalid flags."""

    def run(ctx: click.Context, /, url: str, workspace: str, admin_token: str | None, **given: Any) -> Any:
        target = Target(http_url(url), workspace_name(workspace), admin_token or _own_token(url))
        return ctx.invoke(function, target=target, **given)

    usual = "default"
    workspace = click.option("--workspace", metavar="NAME", default=usual, help=f"Workspace. [default: {usual}]")
    decorated: Callable[..., Any] = update_wrapper(click.pass_context(run), function)
    for flag in (token_flag, workspace, url_flag()):
        decorated = flag(decorated)
    return decorated

"""Offer a running sandbox to programs as tools, by the Model Context Protocol over standard input and output."""

import functools
import inspect
from typing import Any

import click

from offer_sandbox import __version__, cli
from offer_sandbox.cli.at_server import Target, at_server
from offer_sandbox.cli.command_line import Verb

_TOLD = (
    "A local server that imitates five offer APIs. list_outcomes says what can happen and how to trigger it,"
    " list_calls and explain_call say why a call got its response."
)


@click.command(cls=Verb)
@at_server
def command(target: Target) -> int:
    """Offer a running sandbox as tools, by the Model Context Protocol.

    It reads standard input and writes standard output, so a program starts it. The tools concern one workspace. It
    needs the package mcp: pip install 'offer-sandbox[mcp]'.
    """
    try:
        from mcp.server.mcpserver import MCPServer
    except ImportError:
        raise cli.Failure("the package mcp is missing (pip install 'offer-sandbox[mcp]')") from None
    from offer_sandbox.cli.mcp_tools import Tools

    server = MCPServer("offer-sandbox", version=__version__, instructions=_TOLD, log_level="ERROR")
    for tool in Tools(target).every:
        server.add_tool(_told(tool), name=tool.__name__, description=inspect.getdoc(tool))
    server.run("stdio")
    return 0


def _told(tool: Any) -> Any:
    """Returns a tool that fails with the sandbox's reason."""
    from mcp.server.mcpserver.exceptions import ToolError

    @functools.wraps(tool)
    def called(*given: Any, **named: Any) -> Any:
        try:
            return tool(*given, **named)
        except cli.Failure as error:
            raise ToolError(str(error)) from None

    return called

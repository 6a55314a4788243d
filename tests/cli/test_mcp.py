"""`offer-sandbox mcp`: the tools, driven by a published client over standard input and output."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from mcp import Client as McpClient
from mcp import StdioServerParameters

from offer_sandbox.cli.at_server import Target
from offer_sandbox.cli.mcp_tools import Tools
from running_server import COMMAND, EBAY_FIND, Client

Session = Callable[[McpClient], Awaitable[None]]


def driven(client: Client, session: Session) -> None:
    """Starts the tools for the client's workspace, and talks to them."""
    program, *arguments = COMMAND
    at = ["--url", client.url, "--workspace", client.workspace]
    server = StdioServerParameters(command=program, args=[*arguments, "mcp", *at])

    async def talk() -> None:
        async with McpClient(server) as connected:
            await session(connected)

    asyncio.run(talk())


async def asked(connected: McpClient, tool: str, **arguments: Any) -> Any:
    """The JSON that a tool returns."""
    result = await connected.call_tool(tool, arguments)
    assert not result.is_error, result
    return json.loads(result.content[0].text)


def test_the_tools_are_listed_with_what_each_is_for(client: Client):
    async def session(connected: McpClient) -> None:
        tools = (await connected.list_tools()).tools
        own = Tools(Target(client.url, client.workspace, None)).every
        assert [each.name for each in tools] == [each.__name__ for each in own]
        assert all(each.description and each.description.endswith(".") for each in tools)
        [advance] = [each for each in tools if each.name == "advance_clock"]
        assert advance.input_schema["required"] == ["by"]

    driven(client, session)


def test_a_program_finds_out_why_and_makes_it_happen_again(client: Client):
    async def session(connected: McpClient) -> None:
        outcomes = (await asked(connected, "list_outcomes", provider="ebay"))["outcomes"]
        assert "ebay.sendOfferToInterestedBuyers.150019" in {each["id"] for each in outcomes}
        rule = {"operation": "ebay.*", "outcome": "rate_limited", "times": 1}
        added = await asked(connected, "add_rule", rule=rule)
        await asyncio.to_thread(client.ebay, "GET", EBAY_FIND)
        [call] = (await asked(connected, "list_calls"))["calls"]
        assert (call["status"], call["outcome"]) == (429, "ebay.findEligibleItems.rate_limited")
        explained = await asked(connected, "explain_call", id=call["id"])
        assert added["id"] in explained["explanation"]["summary"]
        assert len((await asked(connected, "list_rules"))["rules"]) == 1
        assert await asked(connected, "clear_rules") == {"done": True}
        uncovered = (await asked(connected, "list_uncovered_outcomes"))["outcomes"]
        assert not [each for each in uncovered if each["id"] == call["outcome"]]

    driven(client, session)


def test_scenarios_clock_and_records(client: Client):
    async def session(connected: McpClient) -> None:
        names = {each["name"] for each in (await asked(connected, "list_scenarios"))["scenarios"]}
        assert "ebay-expiry" in names
        assert (await asked(connected, "start_scenario", name="ebay-expiry"))["started"]
        before = (await asked(connected, "get_clock"))["now"]
        assert (await asked(connected, "advance_clock", by="P1D"))["now"] > before
        assert not (await asked(connected, "stop_scenario", name="ebay-expiry"))["started"]
        offer = await asked(connected, "get_records", provider="covent", collection="offers", id="off_123")
        assert offer["status"] == "submitted"
        where = {"provider": "covent", "collection": "offers", "id": "off_123"}
        made = await asked(connected, "make_transition", **where, to="expired")
        assert [event["to"] for event in made["events"]] == ["expired"]
        assert "state" in (await asked(connected, "reset_workspace"))["reset"]

    driven(client, session)


def test_a_refusal_is_the_reason_of_the_sandbox(client: Client):
    async def session(connected: McpClient) -> None:
        result = await connected.call_tool("add_rule", {"rule": {"operation": "ebay.nothing"}})
        assert result.is_error
        assert "unknown operation" in result.content[0].text

    driven(client, session)


@pytest.mark.parametrize("verb", ["serve", "clock"])
def test_no_other_verb_imports_it(verb: str):
    program = "import sys; from offer_sandbox.cli import main; main(sys.argv[1:]); sys.exit('mcp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program, verb, "--help"], capture_output=True, timeout=60)
    assert done.returncode == 0


def test_without_the_package_the_verb_says_what_to_install(client: Client):
    program = (
        "import sys; sys.modules['mcp'] = None; from offer_sandbox.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "mcp", "--url", client.url], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, "pip install 'offer-sandbox[mcp]'" in done.stderr) == (1, True)

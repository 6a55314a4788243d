#!/usr/bin/env python3
"""Writes `quick-start.svg`, the terminal of the README: runs the commands below against a real server."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

IMAGE = Path(__file__).with_name("quick-start.svg")
SANDBOX = "http://127.0.0.1:4242"
SERVE = [sys.executable, "-m", "offer_sandbox", "serve", "--port", "0", "--json", "--log", "off"]
WIDTH = 112
COMMANDS = (
    """curl -s -i $SANDBOX/sell/negotiation/v1/send_offer_to_interested_buyers \\
     -H 'Authorization: Bearer sbx_demo' -H 'X-EBAY-C-MARKETPLACE-ID: EBAY_US' \\
     -H 'Content-Type: application/json' \\
     -d '{"offeredItems": [{"listingId": "110000150022", "discountPercentage": "10"}]}'""",
    "offer-sandbox play opendoor-slow-then-denied",
)
_SHOWN = ("http/", "x-sandbox-outcome", "x-sandbox-trigger", "x-sandbox-reason", "{")  # lines of a response


def lines() -> list[tuple[str, str]]:
    """Returns each line of the terminal with its style."""
    process = subprocess.Popen(SERVE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        found: list[tuple[str, str]] = []
        for command in COMMANDS:
            found += [(line, "bold") for line in f"$ {command}".splitlines()]
            found += [(line, "") for line in _output(command, url)]
            found.append(("", ""))
        return found[:-1]
    finally:
        process.terminate()
        process.communicate()


def _output(command: str, url: str) -> list[str]:
    program = command.replace("offer-sandbox", f"{sys.executable} -m offer_sandbox")
    environment = {**os.environ, "SANDBOX": url}
    done = subprocess.run(["sh", "-euc", program], capture_output=True, text=True, check=True, env=environment)
    printed = done.stdout.replace(url, SANDBOX).splitlines()
    if command.startswith("curl"):
        printed = [line for line in printed if line.lower().startswith(_SHOWN)]
    return [line if len(line) <= WIDTH else f"{line[: WIDTH - 3]}..." for line in printed]


def main() -> None:
    """Writes the image."""
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    for line, style in lines():
        console.print(Text(line, style=style))
    image = console.export_svg(title="Offer Sandbox", unique_id="quick-start")
    IMAGE.write_text(re.sub(r"\s*@font-face \{.*?\}", "", image, flags=re.DOTALL))  # fonts of other hosts


if __name__ == "__main__":
    main()

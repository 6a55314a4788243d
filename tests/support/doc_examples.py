"""The examples of a page: found in its text, run as they stand there, held against what it says."""

import contextlib
import doctest
import io
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import yaml

from name_resolution import pointed
from running_server import ROOT

ADDRESS = "127.0.0.1:4242"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
_SHELL = ("sh", "-euc")
_CURL = re.compile(r"(?:HTTPS_PROXY=(\S+) )?curl ")
_PROGRAM = re.compile(r"(?<![\w/.-])offer-sandbox (?=[a-z])")


@dataclass(frozen=True)
class Example:
    """A command or a program (`language` is sh or python), and what the page says that it prints."""

    language: str
    text: str
    expected: str


@dataclass(frozen=True)
class Page:
    """A page of Markdown."""

    path: Path

    @property
    def name(self) -> str:
        """Its path from the repository's root."""
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text()

    @property
    def blocks(self) -> list[tuple[str, str]]:
        """Its fenced blocks, language and text, in order."""
        return _BLOCK.findall(self.text)

    @property
    def examples(self) -> list[Example]:
        """What is run of it, in order; one without an output has an empty `expected`, which nothing prints."""
        return [
            Example(language, text, after if kind == "text" else "")
            for (language, text), (kind, after) in pairwise([*self.blocks, ("", "")])
            if language in ("sh", "python")
        ]

    @property
    def scenarios(self) -> dict[str, str]:
        """The scenario files that it shows, by name."""
        shown = [text for language, text in self.blocks if language == "yaml"]
        return {yaml.safe_load(text)["scenario"]: text for text in shown}

    @property
    def links(self) -> list[str]:
        """Where its links lead, as they are written."""
        return _LINK.findall(_BLOCK.sub("", self.text))


@dataclass
class Reading:
    """Someone who tries out a page against a server at `url`, in a folder of their own, from top to bottom: Python
    examples know what those before them have defined, and the page's scenarios are saved as `<name>.yaml`."""

    page: Page
    url: str
    folder: Path
    names: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, text in self.page.scenarios.items():
            (self.folder / f"{name}.yaml").write_text(text)

    def run(self, example: Example, with_curl: bool) -> str:
        """What it prints; `with_curl` lets curl itself make its calls, where there is one."""
        text = example.text.replace(ADDRESS, urlsplit(self.url).netloc)
        if example.language == "python":
            return self._python(text)
        if _CURL.match(text) and not (with_curl and shutil.which("curl")):
            return _as_spelled(text, self.folder)
        return self._shell(text)

    def agrees(self, example: Example, printed: str) -> bool:
        """Whether that is what the page says; `...` stands for anything."""
        expected = example.expected.replace(ADDRESS, urlsplit(self.url).netloc).strip()
        return bool(expected) and doctest.OutputChecker().check_output(expected, printed.strip(), FLAGS)

    def _python(self, text: str) -> str:
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(text, self.page.name, "exec"), self.names)
        return printed.getvalue()

    def _shell(self, text: str) -> str:
        program = f"{shlex.quote(sys.executable)} -m offer_sandbox "
        commands = _PROGRAM.sub(lambda _: program, text)
        commands = re.sub(r"(?m)^pytest ", f"{shlex.quote(sys.executable)} -m pytest ", commands)
        done = subprocess.run([*_SHELL, commands], capture_output=True, text=True, timeout=60, cwd=self.folder)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def _as_spelled(text: str, folder: Path) -> str:
    """What curl would print, for a machine that has none: sends the call that its command line spells."""
    called = _CURL.match(text)
    assert called is not None
    words = shlex.split(text[called.end() :].replace("\\\n", " "))
    headers, method, data, head, url, trusted = {}, "", None, False, "", True
    proxies = {"https": called[1]} if called[1] else None
    led = contextlib.ExitStack()
    while words:
        match words.pop(0):
            case "-s":
                continue
            case "-i":
                head = True
            case "-X":
                method = words.pop(0)
            case "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            case "-d":
                data = words.pop(0)
            case "--cacert":
                trusted = str(folder / words.pop(0))
            case "--connect-to":
                host, _, here = words.pop(0).split(":", 2)
                led.enter_context(pointed({host}, f"https://{here}"))
            case "--data-binary":
                data = (folder / words.pop(0).removeprefix("@")).read_bytes()
            case url:
                assert url.startswith("http"), url
    with led:
        method = method or ("GET" if data is None else "POST")
        answer = requests.request(
            method, url, headers=headers, data=data, verify=trusted, timeout=30, proxies=proxies
        )
    lines = [
        f"HTTP/1.1 {answer.status_code} {answer.reason}",
        *(f"{k}: {v}" for k, v in answer.headers.items()),
        "",
    ]
    return "\n".join([*(lines if head else []), answer.text])

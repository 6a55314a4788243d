"""The pages about the server: flags, verbs, settings, control API, problems, scenario file, statements."""

import ast
import json
from collections.abc import Iterator
from typing import Any

import click

from offer_sandbox.cli.command_line import COMMAND_LINE, GROUPS
from offer_sandbox.configuration import settings
from offer_sandbox.providers import providers
from offer_sandbox.resources import bundled
from reference_pages import ledger
from reference_pages.markdown import cell, code, section, table

Schema = dict[str, Any]
_PREFIX = "urn:offer-sandbox:problem:"


def flags() -> str:
    """Returns the page of flags and variables, and of all verbs."""
    by_section: dict[str, list[tuple[str, ...]]] = {}
    for each in settings():
        row = (code(each.flag), code(each.variable), cell(each.shown), cell(each.help))
        by_section.setdefault(each.section, []).append(row)
    parts = [
        section(f"serve: {title}", table(("Flag", "Variable", "Default", "What it does"), rows))
        for title, rows in by_section.items()
    ]
    return "\n".join([*parts, section("Verbs", *_verbs())])


def _verbs() -> Iterator[str]:
    context = click.Context(COMMAND_LINE, info_name="offer-sandbox")
    for title, names in GROUPS.items():
        yield f"\n### {title}\n"
        rows = []
        for name in names:
            command = COMMAND_LINE.get_command(context, name)
            assert command is not None
            rows += _rows(command, name)
        yield table(("Verb", "What it does", "Flags of its own"), rows)


def _rows(command: click.Command, name: str) -> list[tuple[str, str, str]]:
    own = [
        each.opts[-1]
        for each in command.params
        if isinstance(each, click.Option) and not hasattr(each, "setting") and each.name != "help"
    ]
    rows = [(code(name), cell(command.get_short_help_str(200)), " ".join(map(code, own)) or "-")]
    if isinstance(command, click.Group):
        for action, each in command.commands.items():
            rows += _rows(each, f"{name} {action}")
    return rows


def settings_of_workspaces() -> str:
    """Returns the page of the settings of a workspace."""
    rows = []
    for name, provider in sorted(providers().items()):
        for setting, pace in provider.progressions.items():
            default = (
                "`null`"
                if pace is None
                else code(json.dumps({"progression": pace.progression, "seconds": pace.seconds}))
            )
            rows.append((code(f"progressions.{setting}"), "an object, or `null` where it can be off", default))
        for setting, values in provider.switches.items():
            rows.append(
                (
                    code(f"switches.{setting}"),
                    ", ".join(code(json.dumps(each)) for each in values),
                    code(json.dumps(values[0])),
                )
            )
        for version in provider.contracts[:1]:
            rows.append((code(f"contracts.{name}"), ", ".join(map(code, provider.contracts)), code(version)))
        rows += [(code(f"limits.{setting}"), "a number, or `null`", "`null`") for setting in provider.limits]
        if provider.topics:
            rows.append((code(f"webhooks.{name}"), "`url` and `secret`, each text or `null`", "both `null`"))
    return table(("Setting", "Values", "Default"), rows)


def control_api() -> str:
    """Returns the page of the control API."""
    document = json.loads((bundled("specs") / "admin.json").read_text())
    by_tag: dict[str, list[tuple[str, ...]]] = {}
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            if method in ("get", "post", "put", "patch", "delete"):
                asked = [_parameter(document, each) for each in call.get("parameters", ())]
                own = [each for each in asked if each not in ("X-Sandbox-Workspace", "workspace")]
                row = (
                    code(f"{method.upper()} {path}"),
                    cell(f"{call['summary']} {call.get('description', '')}"),
                    ", ".join(map(code, own)) or "-",
                    ", ".join(status for status in call["responses"] if status.isdecimal()),
                )
                by_tag.setdefault((call.get("tags") or ["server"])[0], []).append(row)
    parts = [
        section(tag, table(("Call", "What it does", "Parameters", "Statuses"), rows))
        for tag, rows in by_tag.items()
    ]
    return "\n".join(parts)


def _parameter(document: Schema, parameter: Schema) -> str:
    if "$ref" in parameter:
        parameter = document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    return str(parameter["name"])


def problems() -> str:
    """Returns the page of the types of problems, as the code raises them."""
    found: dict[tuple[str, str], set[str]] = {}
    for path in sorted((ledger.ROOT / "sandbox" / "offer_sandbox").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func).endswith("ProblemDetailsError")
                and len(node.args) > 2
            ):
                status, kind, title = (ast.unparse(each).strip("'") for each in node.args[:3])
                if (
                    isinstance(node.args[1], ast.Constant)
                    and kind.replace("-", "").isalpha()
                    and status.isdecimal()
                ):
                    found.setdefault((kind, title), set()).add(status)
    rows = [
        (code(f"{_PREFIX}{kind}"), cell(title), ", ".join(sorted(statuses)))
        for (kind, title), statuses in sorted(found.items())
    ]
    return table(("Type", "Title", "Status"), rows)


def scenario_file() -> str:
    """Returns the page of the members of a scenario file."""
    schema = json.loads((bundled("specs") / "scenario.schema.json").read_text())
    rows = [(code(path), cell(form), cell(text)) for path, form, text in _members(schema, "")]
    return table(("Member", "Type", "What it is"), rows)


def _members(schema: Schema, at: str) -> Iterator[tuple[str, str, str]]:
    for name, each in schema.get("properties", {}).items():
        path = f"{at}{name}"
        yield path, _form(each), each.get("description", "")
        yield from _members(each, f"{path}.")
        if isinstance(each.get("items"), dict):
            yield from _members(each["items"], f"{path}[].")
        if isinstance(each.get("additionalProperties"), dict):
            yield from _members(each["additionalProperties"], f"{path}.*.")


def _form(schema: Schema) -> str:
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    form = schema.get("type", "any")
    return " or ".join(form) if isinstance(form, list) else str(form)


def proof() -> str:
    """Returns the page of all documented statements, each with its tests or the reason why there is none."""
    tests, count = ledger.tests(), len(ledger.statements())
    held = sum(entry["kind"] == "behaviour" for entry in ledger.statements().values())
    parts = [f"{count} statements, of which {held} are behaviour.\n"]
    for name, provider in sorted(providers().items()):
        rows = [
            (
                code(key),
                cell(entry["statement"]),
                ", ".join(map(code, dict.fromkeys(tests.get(key, ()))))
                or f"{entry['kind']}: {cell(entry['reason'])}",
            )
            for key, entry in ledger.of(name).items()
        ]
        parts.append(section(provider.title, table(("Statement", "In our words", "Held by"), rows)))
    return "\n".join(parts)

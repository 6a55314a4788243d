"""The reference of each provider, and the page with the magic values of all."""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from offer_sandbox.contract import Progression, Provider
from offer_sandbox.providers import providers
from offer_sandbox.resources import bundled
from reference_pages import ledger
from reference_pages.markdown import cell, code, items, section, table

_IDS = 40  # of a collection's first records
_CREDENTIAL = "header.authorization"
Entry = dict[str, Any]


def page(provider: Provider) -> str:
    """Returns everything below the beginning of a provider's page."""
    parts = (
        _at_a_glance(provider),
        _authentication(provider),
        _operations(provider),
        section("Outcomes", *_outcomes(provider)),
        _magic(provider),
        _settings(provider),
        _states(provider),
        _webhooks(provider),
        _records(provider),
        _not_imitated(provider),
    )
    return "\n".join(part for part in parts if part)


def magic_values() -> str:
    """Returns the magic values of all providers."""
    return "\n".join(section(each.title, _magic_table(each)) for _, each in sorted(providers().items()))


@cache
def _catalogue() -> list[Entry]:
    found: list[Entry] = json.loads((bundled("specs") / "catalog.json").read_text())["outcomes"]
    return found


def _entries(provider: Provider) -> list[Entry]:
    return [each for each in _catalogue() if each["provider"] == provider.name]


def _document(provider: Provider) -> Entry:
    found: Entry = json.loads((bundled("specs") / f"{provider.name}.json").read_text())
    return found


def _at_a_glance(provider: Provider) -> str:
    hosts = ", ".join(map(code, provider.hosts)) or "a host of your choice"
    variables = [(code(name), code(value)) for name, value in provider.environment.items()]
    roots = ", ".join(map(code, provider.roots))
    links = ", ".join(f"[{_short(each)}]({each})" for each in provider.links)
    return section(
        "At a glance",
        items(
            [
                f"Documentation, read on {provider.read_on}: {links}",
                f"Paths: {roots}, also below {code(f'/{provider.name}')}",
                f"Hosts: {hosts}",
                f"Documents: {code(f'GET /__admin/specs/{provider.name}.json')}"
                + (f", {code(f'GET /__admin/specs/{provider.sdl}')}" if provider.sdl else ""),
            ]
        ),
        f"Variables of `offer-sandbox env {provider.name}` (`{{url}}` is the server, `{{key}}` the credential):\n",
        table(("Variable", "Value"), variables),
    )


def _short(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def _authentication(provider: Provider) -> str:
    schemes = _document(provider)["components"].get("securitySchemes", {})
    rows = [
        (code(name), code(each.get("scheme", each["type"])), cell(each.get("description", "")))
        for name, each in schemes.items()
    ]
    return section("Authentication", table(("Scheme", "Form", "What it is"), rows))


def _operations(provider: Provider) -> str:
    rows = [
        (
            code(each.name),
            code(f"{each.method} {each.path}"),
            cell(each.summary),
            f"{each.evidence}: {cell(each.source)}",
        )
        for each in provider.parts.operations
    ]
    return section("Operations", table(("Operation", "Call", "What it does", "Evidence"), rows))


def _outcomes(provider: Provider) -> Iterator[str]:
    yield (
        "The header `X-Sandbox-Outcome` with the name reaches each of them. The evidence says where it comes from,"
        " see [the glossary](../glossary.md)."
    )
    for operation in dict.fromkeys(each["operation"] for each in _entries(provider)):
        rows = [
            (
                code(each["outcome"]),
                str(each["status"]),
                each["kind"],
                each["evidence"],
                _value(each),
                cell(each["title"]),
            )
            for each in _entries(provider)
            if each["operation"] == operation
        ]
        yield f"\n### {operation}\n"
        yield table(("Outcome", "Status", "Kind", "Evidence", "Magic value", "When"), rows)


def _value(entry: Entry) -> str:
    magic = entry["triggers"]["magic"]
    if magic is None:
        return "-"
    return code(f".{entry['outcome']}") if magic["field"] == _CREDENTIAL else code(magic["value"])


def _magic(provider: Provider) -> str:
    return section("Magic values", _magic_table(provider))


def _magic_table(provider: Provider) -> str:
    rows = [
        (code(magic["value"]), code(magic["field"]), code(each["operation"]), code(each["outcome"]))
        for each in _entries(provider)
        if (magic := each["triggers"]["magic"]) is not None and magic["field"] != _CREDENTIAL
    ]
    return table(("Value", "Field", "Acts at", "Outcome"), rows)


def _settings(provider: Provider) -> str:
    rows = [
        *((code(f"progressions.{name}"), _progression(each)) for name, each in provider.progressions.items()),
        *((code(f"switches.{name}"), _values(values)) for name, values in provider.switches.items()),
        *((code(f"contracts.{provider.name}"), _values(provider.contracts)) for _ in provider.contracts[:1]),
        *((code(f"limits.{name}"), "`null`, a number") for name in provider.limits),
    ]
    return section(
        "Settings",
        "What each means is in [settings](../settings.md).\n",
        table(("Setting", "Values, the default first"), rows),
    )


def _progression(progression: Progression | None) -> str:
    if progression is None:
        return "`null` (off)"
    amount = f", {progression.seconds} seconds" if progression.progression == "time" else ""
    return f"{code(progression.progression)}{amount}"


def _values(values: Iterable[object]) -> str:
    return ", ".join(code(json.dumps(value)) for value in values)


def _states(provider: Provider) -> str:
    rows = [
        (
            code(row.collection),
            code(row.source) if row.source else "new",
            code(row.target),
            cell(row.event) if row.apply else code(row.event),
        )
        for row in provider.parts.transitions
        if row.source != row.target
    ]
    return section(
        "States",
        "A cause that is code is a call. Others happen by time, by another record, or"
        " [on request](../edit-the-world.md#make-something-happen).\n",
        table(("Records", "From", "To", "Cause"), rows),
    )


def _webhooks(provider: Provider) -> str:
    rows = [
        (
            code(each.topic),
            cell(each.summary),
            f"{each.evidence}: {cell(each.source)}",
            ", ".join(map(str, each.backoff)),
        )
        for each in {each.topic: each for each in reversed(provider.parts.webhooks)}.values()
    ]
    if not rows:
        return ""
    signed = (
        f"Signature: HMAC-SHA256 of the raw body, in hexadecimal, in {code(provider.signature)}."
        if provider.signature
        else "They are not signed."
    )
    return section("Webhooks", f"{signed}\n", table(("Topic", "When", "Evidence", "Retries after seconds"), rows))


def _records(provider: Provider) -> str:
    found = json.loads((bundled("fixtures") / f"{provider.name}.json").read_text())
    kinds = {kind.name: kind for kind in provider.visible}
    rows = []
    for name, records in found.items():
        ids = [str(each[kinds[name].key]) for each in records] if name in kinds else []
        more = f" and {len(ids) - _IDS} more" if len(ids) > _IDS else ""
        rows.append((code(name), str(len(records)), ", ".join(map(code, ids[:_IDS])) + more))
    return section("Initial records", table(("Collection", "Number", "Ids"), rows))


def _not_imitated(provider: Provider) -> str:
    reasons = [
        f"{cell(entry['statement'])} {cell(entry['reason'])} ({code(key)})"
        for key, entry in ledger.of(provider.name).items()
        if entry["kind"] == "not-imitated"
    ]
    paths = [f"Documented path without an imitation: {code(each)}" for each in provider.not_imitated]
    return section("Not imitated", items([*paths, *reasons]) or "Nothing that the pages describe.\n")

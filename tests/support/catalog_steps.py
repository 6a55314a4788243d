"""The catalogue, and how its entries are walked against a real server."""

from offer_sandbox.providers import providers
from offer_sandbox.publish.catalog import Entry, entries
from offer_sandbox.publish.examples import Reached, Send, body_of
from offer_sandbox.world.rng import DEFAULT_SEED
from running_server import Client

CATALOG: list[Entry] = list(entries(providers().values(), DEFAULT_SEED))
CALLS = [  # all but the pages that a person opens, which have tests of their own
    (provider, operation)
    for provider in providers().values()
    for operation in provider.parts.operations
    if not operation.page
]


def plain(provider: str, operation: str) -> Entry:
    """The operation's plain success."""
    found = [each for each in CATALOG if (each["provider"], each["operation"]) == (provider, operation)]
    assert found, f"{provider}.{operation} has no outcomes"
    return found[0]


def sender(client: Client) -> Send:
    """Sends steps over a real socket."""

    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> Reached:
        answer = client.session.request(method, f"{client.url}{path}", headers=headers, data=body, timeout=30)
        return Reached(
            answer.status_code,
            answer.headers.get("X-Sandbox-Outcome", ""),
            answer.headers.get("X-Sandbox-Trigger", ""),
            body_of(answer.content),
        )

    return send

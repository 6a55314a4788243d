"""Ten thousand planted credentials: none is in the journal, the exports, the log or the metrics."""

import http.client
import itertools
import json
import random
from urllib.parse import urlsplit

import requests

from planted_secrets import Planter
from running_server import COMMAND, Client, Server

NUMBER = 10_000
REAL = ("v^1.1#i^1#p^3#r^0#I^3#f^0#t^H4sIAAAA{}", "Shop-Shop-PRD-0{}-1b2c3d", "PRD-0{}-1b2c-3d4e")


def test_no_planted_secret_is_shown_anywhere(tmp_path):
    with open(tmp_path / "log", "w+") as log:
        command = ["bash", "-c", f'exec "$@" --log json 2>{log.name}', "-", *COMMAND, "serve"]
        server = Server("--auth", "keys", "--admin-token", "operator", command=command)
        try:
            with requests.Session() as session:
                client, secrets = plant(server, session)
                shown = "\n".join(everything(server, client))
        finally:
            server.stop()
        shown += log.read()
    assert len(secrets) >= NUMBER
    assert [secret for secret in secrets if secret in shown] == []
    assert shown.count("(redacted)") > 1_000


def plant(server: Server, session: requests.Session) -> tuple[Client, set[str]]:
    """Sends calls with credentials to a new workspace. Returns its client and the credentials."""
    admin = {"Authorization": "Bearer operator"}
    made = requests.post(f"{server.url}/__admin/workspaces", json={"name": "team"}, headers=admin, timeout=30)
    key, draw, number = made.json()["key"], random.Random(7), itertools.count()

    def live() -> str:
        real = REAL[next(number) % 3].format(f"{draw.getrandbits(48):012x}")
        return key if draw.random() < 0.5 else real

    planter, secrets = Planter(11, live), {key.partition(".")[2]}
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    while len(secrets) < NUMBER:
        for call in planter.calls():
            headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **call.headers}
            connection.request("POST", call.target, call.body, headers)
            connection.getresponse().read()
            secrets |= set(call.secrets) - {key}
    connection.close()
    session.headers["Authorization"] = f"Bearer {key}"
    return Client(server.url, "team", session), secrets


def everything(server: Server, client: Client) -> list[str]:
    """All texts that show calls."""
    entries = client.admin("GET", "/requests?limit=100000")["requests"]
    found = [json.dumps(entries, ensure_ascii=False)]
    assert len(entries) > 400
    for entry in entries[:60]:
        found.append(json.dumps(client.admin("GET", f"/requests/{entry['id']}"), ensure_ascii=False))
        for form in ("curl", "pytest", "har"):
            found.append(client.call("GET", f"/__admin/requests/{entry['id']}/export?as={form}").text)
    return [*found, requests.get(f"{server.url}/metrics", timeout=30).text]

"""The command line: every verb, its output, its one-line errors and exit codes."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys

import pytest
import requests

from catalog_steps import CATALOG
from offer_sandbox import __version__
from offer_sandbox.providers import providers
from offer_sandbox.resources import bundled
from running_server import COMMAND, ROOT, Client, Server, printed_until_url, run


def fails(code: int, *arguments: str, **options) -> str:
    """The one line that a failing verb prints on standard error."""
    done = run(*arguments, **options)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    [line] = done.stderr.strip().splitlines()
    return line


def test_version():
    assert run("--version").stdout == f"offer-sandbox {__version__}\n"


def test_the_installed_command_is_the_same():
    command = os.path.join(os.path.dirname(sys.executable), "offer-sandbox")
    printed = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert printed.stdout == f"offer-sandbox {__version__}\n"


def test_serve_prints_addresses_and_a_first_call_and_its_url_last():
    process = subprocess.Popen([*COMMAND, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
    *lines, url = printed_until_url(process)
    addresses = dict(line.split() for line in lines if line.startswith("  ") and "control" not in line)
    assert addresses == {
        "covent": f"{url}/api/v1",
        "ebay": url,
        "estateprime": f"{url}/api",
        "opendoor": f"{url}/graphql",
        "sibi": url,
        "console": f"{url}/__admin/",
    }
    assert f"  control API   {url}/__admin" in lines
    assert first_call(lines, "Try: ").status_code == 200
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.parametrize(("flags", "told"), [([], 1), (["--contract", "ebay=1.1.2"], 0)])
def test_serve_says_that_production_is_at_another_contract(flags: list[str], told: int):
    process = subprocess.Popen([*COMMAND, "serve", "--port", "0", *flags], stdout=subprocess.PIPE, text=True)
    lines = printed_until_url(process)
    assert [line.partition(": ")[2] for line in lines if "production" in line] == [
        "this server is at contract 1.1.0, production at 1.1.2 (--contract ebay=1.1.2)."
    ] * told
    process.terminate()
    process.communicate(timeout=60)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_server_that_wants_keys_prints_how_to_issue_one(host):
    """On the loopback without a token, elsewhere with the token that it prints."""
    command = [*COMMAND, "serve", "--port", "0", "--auth", "keys", "--host", host]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    *lines, url = printed_until_url(process)
    issued = first_call(lines, "Issue a key: ")
    assert issued.status_code == 201
    headers = {"Authorization": f"Bearer {issued.json()['key']}"}
    assert requests.get(f"{url}/offers/offer-123", headers=headers, timeout=30).status_code == 200
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 0


def first_call(lines: list[str], introduction: str) -> requests.Response:
    """The response to the call that `serve` prints for curl."""
    [line] = [line for line in lines if line.startswith(introduction)]
    curl, url, *arguments = shlex.split(line.removeprefix(introduction))
    assert curl == "curl"
    given = list(zip(arguments[::2], arguments[1::2], strict=True))
    headers = dict(value.split(": ") for flag, value in given if flag == "-H")
    data = next((value for flag, value in given if flag == "-d"), None)
    return requests.request("POST" if data else "GET", url, headers=headers, data=data, timeout=30)


def test_serve_as_json_off_the_loopback():
    server = Server("--host", "0.0.0.0")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", server.url)
    assert server.admin_token
    assert server.stop() == 0


def test_a_taken_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        line = fails(2, "serve", "--port", str(taken.getsockname()[1]))
    assert "the port is in use" in line


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--data", __file__), "cannot use the folder"),
        (("--data", "/proc/nothing"), "cannot use the folder"),
    ],
)
def test_what_serve_cannot_do(flags, words):
    assert words in fails(1, "serve", "--port", "0", *flags)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.1"])
def test_an_address_that_is_not_this_machine_s(host):
    assert f"cannot listen on {host}" in fails(2, "serve", "--port", "0", "--host", host)


@pytest.mark.parametrize(
    "flags",
    [
        ("--data", "mysql://x/y"),
        ("--seed", "abc"),
        ("--seed", "-1"),
        ("--seed", "1.5"),
        ("--port", "x"),
        ("--port", "65536"),
        ("--seed", "9" * 16),
    ],
)
def test_what_serve_cannot_be_told(flags):
    assert flags[0] in fails(2, "serve", *flags)


def test_flags_come_from_the_environment_too():
    line = fails(2, "serve", env={**os.environ, "OFFER_SANDBOX_SEED": "abc"})
    assert "--seed" in line


def test_another_seed_is_another_world_and_the_same_again():
    worlds = []
    for seed in ("7", "7", "8"):
        server = Server("--seed", seed, "--clock", "frozen@2026-04-17T19:45:00Z")
        with requests.Session() as session:
            client = Client(server.url, "w", session)
            worlds.append((client.world(), client.send().json()["offers"][0]["offerId"]))
        assert server.stop() == 0
    assert worlds[0] == worlds[1]
    assert worlds[0][0] != worlds[2][0]
    assert worlds[0][1] != worlds[2][1]


def test_wait(server: Server):
    assert run("wait", server.url).returncode == 0
    assert "was not ready within 0.2 seconds" in fails(1, "wait", "http://127.0.0.1:9", "--timeout", "0.2")
    assert "is not an HTTP URL" in fails(2, "wait", "localhost:4242")


def test_env_points_a_client_at_the_sandbox():
    printed = run("env", "ebay", "--url", "http://localhost:1", "--workspace", "team").stdout
    assert "export EBAY_BASE_URL=http://localhost:1\n" in printed
    assert "export EBAY_REFRESH_TOKEN=sbx_team\n" in printed
    shown = subprocess.run(["sh", "-c", f"{printed} echo $EBAY_BASE_URL"], capture_output=True, text=True)
    assert shown.stdout == "http://localhost:1\n"
    assert "unknown provider 'nobody'" in fails(2, "env", "nobody")
    assert "is not a valid workspace name" in fails(2, "env", "ebay", "--workspace", "A B")


def test_catalog_as_a_table_and_as_json():
    table = run("catalog").stdout.splitlines()
    assert len(table) == len(CATALOG) + 2
    assert table[0].split()[:3] == ["OUTCOME", "STATUS", "KIND"]
    assert table[-1] == f"{len(CATALOG)} outcomes"
    assert json.loads(run("catalog", "--json").stdout) == {"outcomes": CATALOG}
    one = json.loads(run("catalog", "ebay", "--json").stdout)["outcomes"]
    assert one == [entry for entry in CATALOG if entry["provider"] == "ebay"]
    assert "unknown provider" in fails(2, "catalog", "nobody")


def test_the_reader_of_a_long_output_may_leave():
    piped = f"{' '.join(COMMAND)} catalog --json | head -n 1"
    done = subprocess.run(["sh", "-c", piped], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_the_committed_specs_are_fresh():
    assert run("specs", "--check").returncode == 0


def test_a_stale_spec_is_named(tmp_path):
    shutil.copytree(bundled("specs"), tmp_path, dirs_exist_ok=True)
    (tmp_path / "ebay.json").write_text("{}")
    assert "stale: ebay.json" in fails(1, "specs", "--check", "--output", str(tmp_path))
    assert run("specs", "--output", str(tmp_path)).returncode == 0
    written = {each.name: each.read_text() for each in tmp_path.iterdir()}
    assert written == {each.name: each.read_text() for each in bundled("specs").iterdir()}, "as they are committed"


def test_fixtures_are_checked_written_and_printed(tmp_path):
    assert run("fixtures", "--check").returncode == 0
    assert run("fixtures", "--output", str(tmp_path)).returncode == 0
    assert (tmp_path / "ebay.json").read_bytes() == (bundled("fixtures") / "ebay.json").read_bytes()
    (tmp_path / "ebay.json").write_text("{}")
    assert "stale: ebay.json" in fails(1, "fixtures", "--check", "--output", str(tmp_path))
    printed = run("fixtures", "--seed", "7").stdout
    assert printed == run("fixtures", "--seed", "7").stdout
    assert json.loads(printed).keys() == {f"{name}.json" for name in providers()}
    assert "--seed" in fails(2, "fixtures", "--seed", "x")


@pytest.mark.parametrize("arguments", [("unknown",), ("serve", "--unknown"), ("env",)])
def test_usage_errors_exit_with_2(arguments):
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")


def test_the_wheel_carries_fixtures_specs_and_scenarios(tmp_path):
    """Installed elsewhere, without the checkout, the server starts and shows its catalogue and specs."""
    source = tmp_path / "source"  # a build in the checkout would leave its own folder there
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "build", "*.egg-info", "tests"))
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(source)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    [wheel] = tmp_path.glob("*.whl")
    target = tmp_path / "installed"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), str(wheel)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    program = (
        "import offer_sandbox, json; from offer_sandbox.app import create_app; client = create_app().test_client();"
        "print(json.dumps([offer_sandbox.__file__, client.get('/__admin/specs/ebay.json').status_code,"
        "client.get('/__admin/specs/opendoor.graphql').status_code,"
        "client.get('/__admin/openapi.json').status_code,"
        "client.get('/__admin/scenarios/ebay-denied').status_code,"
        "client.get('/__admin/state/ebay/listings').status_code]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(target)},
    )
    path, *statuses = json.loads(done.stdout)
    assert path.startswith(str(target))
    assert statuses == [200] * 5

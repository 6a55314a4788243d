"""The pytest plugin, in projects of its own: fixture, markers, options, several processes, and reports."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_projects import passed, project
from running_server import until


def left(folder: Path) -> list[str]:
    """Servers that still run for a project's pytest."""
    found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in found.splitlines() if "--end-with" in line and str(folder) in line]


TESTS = """
def test_calls(status, offer_sandbox):
    assert status() == "pending"
    offer_sandbox.assert_called("sibi.getOffer", outcome="pending", times=1)

@pytest.mark.parametrize("turn", range(4))
def test_every_test_has_a_workspace_of_its_own(status, offer_sandbox, turn):
    assert len(offer_sandbox.requests) == 0
    assert status() == "pending"
    offer_sandbox.state.patch("sibi", "offers", "offer-123", status="canceled")
    assert offer_sandbox.clock.now.isoformat() == "2026-04-17T19:45:00+00:00"

@pytest.mark.sandbox_scenario("sibi-rate-limit")
def test_a_scenario(status):
    assert (status(), status()) == ("pending", "pending")
    with pytest.raises(requests.HTTPError, match="429"):
        status()

@pytest.mark.sandbox_outcomes("sibi.getOffer", kind="infrastructure")
def test_each_outcome(status, outcome, offer_sandbox):
    with pytest.raises(requests.HTTPError) as error:
        status()
    assert error.value.response.status_code == outcome.status
    assert (outcome.kind, outcome.id) == ("infrastructure", f"sibi.getOffer.{outcome.name}")
    offer_sandbox.assert_called("sibi.getOffer", outcome=outcome.id)
    assert status() == "pending", "armed for one call"
"""


@pytest.mark.parametrize("flags", [(), ("-n", "3")])
def test_a_project_has_one_server_and_a_workspace_for_each_test(tmp_path, flags):
    servers = tmp_path / "servers"
    more = f"""
def test_which_server(offer_sandbox_server):
    with open({str(servers)!r}, "a") as file:
        print(offer_sandbox_server.url, file=file)

@pytest.mark.parametrize("turn", range(5))
def test_which_server_again(offer_sandbox_server, turn):
    with open({str(servers)!r}, "a") as file:
        print(offer_sandbox_server.url, file=file)
"""
    passed(project(tmp_path, TESTS + more, *flags), 17)
    urls = set(servers.read_text().split())
    assert len(urls) == 1
    port = urls.pop().rpartition(":")[2]
    found = subprocess.run(["ss", "-ltn"], capture_output=True, text=True, check=False).stdout
    assert f":{port} " not in found, "the server is gone with the session"


def test_a_failed_test_shows_the_calls_and_a_mistake_is_a_warning(tmp_path):
    ended = project(
        tmp_path,
        """
def test_fails(status, offer_sandbox):
    status()
    assert 1 == 2

def test_idle_rule(offer_sandbox):
    offer_sandbox.rules.add("sibi.getOffer", outcome="rate_limited")

def test_unmatched(offer_sandbox):
    key = {"X-Sandbox-Workspace": offer_sandbox.workspace}
    assert requests.get(offer_sandbox.url + "/sibi/nothing", headers=key, timeout=30).status_code == 404
""",
    )
    assert "1 failed, 2 passed, 2 warnings" in ended.stdout, ended.stdout
    shown = ended.stdout[ended.stdout.index("offer-sandbox: calls, oldest first") :].splitlines()[1:6]
    assert shown[0].startswith("why: ")
    assert shown[1] == "GET /offers/offer-123 -> 200 sibi.getOffer.pending (natural)"
    assert [line.split(":")[0].strip() for line in shown[2:]] == ["request", "response", "more"]
    assert "SandboxWarning: 1 rules have had no effect: sibi.getOffer" in ended.stdout
    assert "SandboxWarning: 1 calls match no documented operation: GET /sibi/nothing" in ended.stdout


@pytest.mark.parametrize(
    ("flags", "ini"),
    [(("--offer-sandbox-fail-on=unmatched,unfired",), ""), ((), 'offer_sandbox_fail_on = "unfired, unmatched"')],
)
def test_mistakes_fail_on_request(tmp_path, flags, ini):
    ended = project(
        tmp_path,
        """
def test_idle_rule(offer_sandbox):
    offer_sandbox.rules.add("sibi.getOffer", outcome="rate_limited")
""",
        *flags,
        ini=ini,
    )
    assert "1 passed, 1 error" in ended.stdout, ended.stdout
    assert "1 rules have had no effect: sibi.getOffer" in ended.stdout


def test_options_by_flag_and_by_file(tmp_path):
    tests = """
def test_options(offer_sandbox):
    assert offer_sandbox.clock.now.isoformat() == "2026-11-29T12:00:00+00:00"
    assert offer_sandbox.settings.get()["contracts"] == {"ebay": "1.1.2"}
"""
    ini = 'offer_sandbox_clock = "2026-11-29T12:00:00Z"\noffer_sandbox_flags = "--contract ebay=1.1.2"\n'
    passed(project(tmp_path, tests, ini=ini), 1)
    now = project(
        tmp_path,
        """
import datetime, time
def test_now(offer_sandbox):
    gone = datetime.datetime.now(datetime.UTC) - offer_sandbox.clock.now
    assert datetime.timedelta() <= gone < datetime.timedelta(minutes=2)
    assert offer_sandbox.clock.now == offer_sandbox.clock.now
""",
        "--offer-sandbox-clock=now",
    )
    passed(now, 1)


@pytest.mark.parametrize(
    ("flags", "tests", "told"),
    [
        (("--offer-sandbox-clock=soon",), "", "offer_sandbox_clock: 'soon' is not a timestamp"),
        (("--offer-sandbox-seed=x",), "", "offer_sandbox_seed must be a whole number"),
        (("--offer-sandbox-fail-on=all",), "", "unknown 'all' (known: unmatched, unfired, errors)"),
        ((), "@pytest.mark.sandbox_outcomes('sibi.no')\ndef test_a(outcome): ...", "known: covent.acceptOffer"),
        (
            (),
            "@pytest.mark.sandbox_outcomes('sibi.getOffer', kind='no')\ndef test_a(outcome): ...",
            "it has: error",
        ),
        (
            (),
            "@pytest.mark.sandbox_outcomes('sibi.getOffer')\ndef test_a(): ...",
            "must have an argument `outcome`",
        ),
        ((), "@pytest.mark.sandbox_outcomes()\ndef test_a(outcome): ...", "has the arguments operation and kind"),
        ((), "@pytest.mark.sandbox_scenario('no')\ndef test_a(offer_sandbox): ...", "known: covent-denied"),
        ((), "@pytest.mark.sandbox_scenario()\ndef test_a(offer_sandbox): ...", "unknown scenario no name"),
        (("--offer-sandbox-flags=--contract=ebay=9",), "def test_a(offer_sandbox): ...", "did not start"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(tmp_path, flags, tests, told):
    ended = project(tmp_path, f"def test_first(): raise AssertionError('a test ran')\n{tests}\n", *flags)
    assert ended.returncode in (2, 4) or "did not start" in told
    assert "a test ran" not in ended.stdout or "did not start" in told
    assert "Traceback" not in ended.stdout + ended.stderr
    assert any(told in line for line in (ended.stdout + ended.stderr).splitlines()), ended.stdout + ended.stderr


def test_a_server_that_dies_fails_the_tests_with_the_end_of_its_log(tmp_path):
    ended = project(
        tmp_path,
        """
import os, signal
def test_kills(offer_sandbox, offer_sandbox_server):
    os.kill(offer_sandbox_server.pid, signal.SIGKILL)
    offer_sandbox_server._process.wait()

def test_after(offer_sandbox):
    pass
""",
    )
    assert "2 errors" in ended.stdout, ended.stdout
    assert "the sandbox server has ended with exit code -9. The end of its log:" in ended.stdout


def test_a_killed_session_leaves_no_server(tmp_path):
    (tmp_path / "test_project.py").write_text(
        "def test_waits(offer_sandbox, offer_sandbox_server):\n"
        f"    open({str(tmp_path / 'pid')!r}, 'w').write(str(offer_sandbox_server.pid) + ' ')\n"
        "    import time; time.sleep(600)\n"
    )
    session = subprocess.Popen([sys.executable, "-m", "pytest", "-q"], cwd=tmp_path, stdout=subprocess.DEVNULL)
    told = tmp_path / "pid"
    until(lambda: told.exists() and told.read_text().endswith(" "))
    server = Path(f"/proc/{int(told.read_text())}")
    session.send_signal(signal.SIGKILL)
    session.wait()
    until(lambda: not server.exists() or ") Z" in (server / "stat").read_text())


def test_a_project_that_does_not_use_it_starts_nothing_and_imports_little(tmp_path):
    program = """
import sys
def test_nothing():
    heavy = {"flask", "marshmallow", "graphql", "orjson", "cryptography", "trustme"}
    assert sorted(heavy & set(sys.modules)) == []
"""
    passed(project(tmp_path, program), 1)

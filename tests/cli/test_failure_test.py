"""`exec --failure-test`: three clients under every failure, each with a report of its own."""

import json
import os
import signal
import subprocess
import sys

import pytest

from offer_sandbox.providers.sibi.samples import CREATE_OFFER
from offer_sandbox.publish.failure_steps import STEPS
from pytest_projects import ALONE, PREAMBLE, PYTEST_ALONE
from running_server import COMMAND, ROOT, until

CLIENTS = ROOT / "tests" / "support" / "failing_clients.py"
CREATE = "covent.createOffer"
NOT_APPLICABLE = {"null-optional", "duplicate-webhook", "late-webhook"}  # to Covent's createOffer
TOLD_APART = {  # the steps in which the clients differ
    *("slow", "lost-after-commit", "rate-limit", "server-errors", "truncated-json", "unknown-enum-value"),
}
NOT_HELD = {
    "naive": {"rate-limit", "server-errors", "unknown-enum-value"},
    "retrying": {"slow", "lost-after-commit", "rate-limit", "server-errors", "truncated-json"},
    "careful": set(),
}


@pytest.fixture(scope="module", autouse=True)
def _ca(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OFFER_SANDBOX_CA", str(tmp_path_factory.mktemp("ca")))
        yield


def ran(*arguments: str, **options) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, "exec", *arguments], capture_output=True, text=True, timeout=300, check=False, **options
    )


def steps(report: dict) -> dict[str, dict]:
    return {each["step"]: each for each in report["steps"]}


def test_three_clients_have_different_reports(tmp_path):
    commands = {
        kind: [
            *(*COMMAND, "exec", "--failure-test", CREATE, "--format", "json"),
            *(
                "--report",
                str(tmp_path / f"{kind}.html"),
                *(("--steps", ",".join(TOLD_APART)) if kind != "naive" else ()),
            ),
            *("--", sys.executable, str(CLIENTS), kind),
        ]
        for kind in NOT_HELD
    }
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = {kind: subprocess.Popen(command, **pipes) for kind, command in commands.items()}
    for kind, process in processes.items():
        printed, progress = process.communicate(timeout=300)
        assert process.returncode == 0, progress
        number = len(STEPS) if kind == "naive" else len(TOLD_APART)
        assert progress.startswith(f"failure test: 1/{number + 1} normal run\n")
        assert len(progress.splitlines()) == number + 1
        demand_expected(kind, json.loads(printed))
        page = (tmp_path / f"{kind}.html").read_text()
        assert (page.count("<section"), page.count('class="status not-held"')) == (number, len(NOT_HELD[kind]))


def demand_expected(kind: str, report: dict) -> None:
    """Fails unless the report has what each client does."""
    found = steps(report)
    assert (report["operation"], report["complete"], report["normal"]["exit_code"]) == (CREATE, True, 0)
    unfit = {name for name, each in found.items() if each["status"] == "not applicable"}
    assert unfit == (NOT_APPLICABLE if kind == "naive" else set())
    assert {name for name, each in found.items() if each["held"] is False} == NOT_HELD[kind]
    facts = {name: each["facts"] for name, each in found.items()}
    assert facts["slow"]["results"][0] == "success"
    assert facts["lost-after-commit"]["committed_again"] == (kind == "retrying")
    if kind == "naive":
        assert facts["lost-before-commit"]["committed_again"] == 0  # the first call was not processed
    assert (
        facts["server-errors"]["results"]
        == {
            "naive": ["unavailable"],
            "retrying": ["unavailable", "unavailable", "success"],
            "careful": ["unavailable", "unavailable", "success"],
        }[kind]
    )
    if kind == "careful":
        assert facts["rate-limit"]["retry_after"] == 1.0
        assert facts["rate-limit"]["pauses"][0] >= 1.0
        assert facts["unknown-enum-value"]["changes"]


def test_the_text_has_the_facts_and_the_expectation_of_each_step(tmp_path):
    """A command that repeats nothing, and does not fail either."""
    call = 'curl -s "$SIBI_API_URL/offers/offer-123" -H "Authorization: Bearer $SIBI_API_KEY" >/dev/null; true'
    wanted = "lost-before-commit,lost-after-commit,duplicate-webhook,rate-limit"
    ended = ran(
        *("--failure-test", "sibi.getOffer", "--steps", wanted, "--report", str(tmp_path / "r.txt")),
        *("--", "sh", "-c", call),
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == (tmp_path / "r.txt").read_text()
    lines = [each.strip() for each in ended.stdout.splitlines()]
    place = lines.index("not held        lost-before-commit: The connection breaks before the call is processed")
    assert lines[place + 1] == "expected: The client sends the call again, or reports an error."
    assert lines[place + 2].startswith("1 call, exit code 0 after ")
    assert "not applicable  lost-after-commit: The call is processed, and its response is lost" in lines
    assert "the call only reads, so it commits nothing" in lines
    assert "the call only reads, so it causes no webhook" in lines


RECEIVES = """
import http.server, json, os, sys, threading, time, urllib.request
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        seen.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *_): pass
seen = []
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
def call(method, path, body):
    headers = {"Authorization": "Bearer " + os.environ["SIBI_API_KEY"], "Content-Type": "application/json"}
    asked = urllib.request.Request(os.environ["SIBI_API_URL"] + path, body.encode(), headers, method=method)
    with urllib.request.urlopen(asked, timeout=30) as answer: return json.load(answer)
url = f"http://127.0.0.1:{server.server_address[1]}/"
upsells = {"progression": "time", "seconds": 0}
settings = {"webhooks": {"sibi": {"url": url}}, "progressions": {"sibi.upsells": upsells}}
call("PUT", "/__admin/settings", json.dumps(settings))
call("POST", "/offers/", sys.argv[1])
end = time.monotonic() + 10
while len(seen) < 2 and time.monotonic() < end: time.sleep(0.05)
time.sleep(0.3)  # something that arrives shortly after is counted too
assert len(seen) == len(set(seen)), "a webhook came twice"
"""


def test_webhooks_are_tested_with_a_client_that_receives_some(tmp_path):
    (tmp_path / "client.py").write_text(RECEIVES)
    ended = ran(
        *("--failure-test", "sibi.createOffer", "--format", "json"),
        *("--steps", "late-webhook, duplicate-webhook", "--"),
        *(sys.executable, str(tmp_path / "client.py"), json.dumps(CREATE_OFFER)),
    )
    report = json.loads(ended.stdout)
    assert report["normal"]["exit_code"] == 0, report
    assert report["normal"]["webhooks"] == 2
    found = steps(report)
    assert (found["duplicate-webhook"]["status"], found["duplicate-webhook"]["met"]) == ("not held", True)
    assert "a webhook came twice" in found["duplicate-webhook"]["output"]
    assert found["late-webhook"]["status"] == "held"


def test_the_tests_of_a_pytest_project_run_on_the_server_of_each_step(tmp_path):
    """Each test has a workspace of its own there, which begins with the failure and remains for the facts."""
    tests = "".join(
        f"def test_{each}(status): assert status() == 'pending'\n" for each in ("reads", "reads_again")
    )
    (tmp_path / "test_project.py").write_text(PREAMBLE + tests)
    ended = ran(
        *("--failure-test", "sibi.getOffer", "--format", "json"),
        *("--steps", "lost-before-commit,rate-limit", "--", *PYTEST_ALONE),
        cwd=tmp_path,
        env={**os.environ, **ALONE},
    )
    assert ended.returncode == 0, ended.stderr
    found = steps(json.loads(ended.stdout))
    for each in ("lost-before-commit", "rate-limit"):
        assert (found[each]["facts"]["met"], found[each]["facts"]["exit_code"]) == (2, 1)
        assert "2 failed" in found[each]["output"]


def test_a_step_that_no_call_meets_is_an_error(tmp_path):
    """The command calls the operation in its first run only."""
    mark = tmp_path / "ran"
    call = f'[ -e {mark} ] || curl -s "$SIBI_API_URL/offers/offer-123" -H "Authorization: Bearer x"; touch {mark}'
    ended = ran("--failure-test", "sibi.getOffer", "--steps", "rate-limit", "--", "sh", "-c", call)
    assert ended.returncode == 1
    assert "not met  rate-limit: " in ended.stdout
    assert "no call of the command met the failure" in ended.stdout


def test_a_command_without_any_call_of_the_operation_ends_at_once():
    ended = ran("--failure-test", CREATE, "--", "echo", "nothing to do")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"offer-sandbox: the command does not call {CREATE} on the server of exec" in ended.stderr
    assert ended.stderr.endswith("\nnothing to do\n")


def test_a_client_that_fails_without_any_failure_is_warned_of():
    call = 'curl -s "$ESTATEPRIME_API_URL/offers" >/dev/null; echo no key; exit 3'
    ended = ran("--failure-test", "estateprime.listOffers", "--steps", "rate-limit", "--", "sh", "-c", call)
    assert ended.returncode == 0, ended.stderr
    _, warning, output, *_ = ended.stdout.splitlines()[1:]
    assert warning.startswith("warning: the command fails in the normal run too")
    assert output == "    no key"


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--failure-test", "sibi.nothing"], "unknown operation 'sibi.nothing' (known: sibi.getOffer, "),
        (["--failure-test", "nobody.getOffer"], "(known: covent.createOffer, "),
        (
            ["--failure-test", CREATE, "--scenario", "sibi-slow"],
            "--scenario (or the variable OFFER_SANDBOX_SCENARIO) cannot be used",
        ),
        (["--failure-test", CREATE, "--steps", "slow,fast"], "--steps: unknown step 'fast' (known: slow, lost-b"),
        (["--failure-test", CREATE, "--data=x"], "--data (or the variable OFFER_SANDBOX_DATA) cannot be used"),
        (["--failure-test", CREATE, "--report", "tests.json"], "--report: cannot write to tests.json"),
        (["--failure-test", CREATE, "--fail-under", "80"], "--fail-under cannot be used with --failure-test"),
        (["--steps", "slow"], "--steps, --report and --format need --failure-test"),
        (["--failure-test", CREATE, "--dat", "x"], "--dat"),
        (["--failure-test", CREATE, "--report", "a.pdf"], "'a.pdf' must end with one of .json, .html, .txt"),
        (["--failure-test", CREATE, "--report", "no/such/a.json"], "--report: cannot write to no/such/a.json"),
    ],
)
def test_wrong_flags_are_refused_before_anything_runs(flags, told, tmp_path):
    (tmp_path / "tests.json").mkdir()
    ended = ran(*flags, "--", "touch", str(tmp_path / "ran"), cwd=tmp_path)
    assert ended.returncode == 2
    assert told in ended.stderr
    assert not (tmp_path / "ran").exists()


def test_control_c_ends_the_whole_test(tmp_path):
    mark = tmp_path / "runs"
    process = subprocess.Popen(
        [*COMMAND, "exec", "--failure-test", CREATE, "--", "sh", "-c", f"echo run >> {mark}; sleep 30"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(mark.exists)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert mark.read_text() == "run\n"


RESETS = """
import json, os, urllib.error, urllib.request
def call(path, body):
    headers = {"Authorization": "Bearer " + os.environ["SIBI_API_KEY"], "Content-Type": "application/json"}
    asked = urllib.request.Request(os.environ["SIBI_API_URL"] + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(asked, timeout=30) as answer: return answer.status
for _ in range(2):
    try:
        call("/offers/offer-123/buyout", {"buyoutAmount": 500})
        break
    except (OSError, ValueError):
        continue
call("/__admin/reset", {})
"""


def test_what_a_client_resets_is_in_the_facts_nevertheless(tmp_path):
    (tmp_path / "client.py").write_text(RESETS)
    ended = ran(
        *(
            "--failure-test",
            "sibi.updateOfferBuyoutAmount",
            "--steps",
            "lost-after-commit",
            "--format",
            "json",
            "--",
        ),
        *(sys.executable, str(tmp_path / "client.py")),
    )
    assert ended.returncode == 0, ended.stderr
    [step] = json.loads(ended.stdout)["steps"]
    assert (step["status"], step["facts"]["calls"], step["facts"]["committed_again"]) == ("not held", 2, 1)


def test_variables_of_the_server_that_would_keep_records_are_refused(tmp_path):
    variables = {**os.environ, "OFFER_SANDBOX_DATA": str(tmp_path / "data")}
    ended = ran("--failure-test", CREATE, "--", "true", env=variables)
    assert ended.returncode == 2
    assert not (tmp_path / "data").exists()

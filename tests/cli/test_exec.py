"""`offer-sandbox exec`: a command with a server of its own, in any language, that leaves nothing running."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_projects import ALONE, PREAMBLE, PYTEST_ALONE
from running_server import COMMAND, ROOT, until

READ = "https://api.sibipro.com/offers/offer-123"
JAVA = """
import java.net.URI;
import java.net.http.*;

public class Read {
    public static void main(String[] arguments) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("%s")).header("Authorization", "Bearer x").build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        System.out.println(response.statusCode() + " " + response.body());
    }
}
"""
GO = """
package main

import (
	"fmt"
	"io"
	"net/http"
)

func main() {
	request, _ := http.NewRequest("GET", "%s", nil)
	request.Header.Set("Authorization", "Bearer x")
	response, failed := http.DefaultClient.Do(request)
	if failed != nil {
		panic(failed)
	}
	body, _ := io.ReadAll(response.Body)
	fmt.Println(response.StatusCode, string(body))
}
"""
NODE = """
const url = process.env.SIBI_API_URL + "/offers/offer-123";
fetch(url, {headers: {Authorization: "Bearer " + process.env.SIBI_API_KEY}})
  .then(async (response) => console.log(response.status, await response.text()));
"""


@pytest.fixture(scope="module", autouse=True)
def _ca(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OFFER_SANDBOX_CA", str(tmp_path_factory.mktemp("ca")))
        yield


def started(*arguments: str, **options) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*COMMAND, "exec", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def ran(*arguments: str, **options) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, "exec", *arguments], capture_output=True, text=True, timeout=120, check=False, **options
    )


def python(program: str) -> list[str]:
    return ["--", sys.executable, "-c", program]


def servers() -> list[int]:
    """The servers of this test: those whose owner is one of its processes, by their CA's folder."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            try:
                told = (process / "environ").read_bytes()
            except OSError:
                continue
            if (
                os.fsencode(os.environ["OFFER_SANDBOX_CA"]) in told
                and "Z" not in (process / "stat").read_text().rpartition(")")[2][:3]
            ):
                found.append(int(process.name))
    return found


def test_a_python_client_with_the_real_address_reaches_the_sandbox_and_the_code_is_the_commands():
    program = f"""
import requests, sys, urllib.request, json
headers = {{"Authorization": "Bearer anything"}}
print(requests.get("{READ}", headers=headers, timeout=30).json()["status"])
print(json.load(urllib.request.urlopen(urllib.request.Request("{READ}", headers=headers)))["status"])
sys.exit(7)
"""
    ended = ran(*python(program))
    assert (ended.stdout, ended.returncode) == ("pending\npending\n", 7), ended.stderr


def test_the_variables_of_every_provider_and_flags_of_serve():
    program = """
import os, requests
url = os.environ["OFFER_SANDBOX_URL"]
assert os.environ["COVENT_API_URL"] == url + "/api/v1"
assert {os.environ[name] for name in ("SIBI_API_KEY", "OPENDOOR_API_KEY", "EBAY_CLIENT_ID")} == {"sbx_default"}
print(requests.get(url + "/__admin/settings", timeout=30).json()["contracts"])
print(requests.get(url + "/__admin/clock", timeout=30).json()["mode"])
"""
    ended = ran("--contract", "ebay=1.1.2", "--clock", "frozen", *python(program))
    assert ended.stdout.splitlines() == ["{'ebay': '1.1.2'}", "frozen"], ended.stderr


def test_other_hosts_are_refused_and_listed():
    program = """
import requests
for host in ("example.com", "example.com", "www.example.org"):
    try:
        requests.get(f"https://{host}/", timeout=30)
    except requests.exceptions.ProxyError as error:
        print(403 if "403" in str(error) else error)
"""
    ended = ran(*python(program))
    assert ended.stdout.split() == ["403"] * 3, ended.stderr
    assert ended.stderr.splitlines() == [
        "offer-sandbox: refused a call to example.com, 2 times",
        "offer-sandbox: refused a call to www.example.org, 1 times",
    ]


@pytest.mark.parametrize(
    ("tool", "name", "source", "command"),
    [
        ("java", "Read.java", JAVA % READ, ["java", "Read.java"]),
        ("go", "main.go", GO % READ, ["go", "run", "main.go"]),
        ("node", "read.js", NODE, ["node", "read.js"]),
        ("curl", "", "", ["curl", "-s", "-w", " %{http_code}", READ, "-H", "Authorization: Bearer x"]),
    ],
)
def test_a_plain_client_in_another_language(tmp_path, tool, name, source, command):
    if shutil.which(tool) is None:
        pytest.skip(f"not run: no {tool} on the PATH")
    if name:
        (tmp_path / name).write_text(source)
    cache = (
        {"GOCACHE": str(tmp_path / "cache"), "GOFLAGS": "-mod=mod", "GO111MODULE": "off"} if tool == "go" else {}
    )
    ended = ran("--", *command, cwd=tmp_path, env={**os.environ, **cache})
    assert (ended.returncode, '"id":"offer-123"' in ended.stdout, "200" in ended.stdout) == (0, True, True), ended


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "usage: offer-sandbox exec"),
        (["--"], "usage: offer-sandbox exec"),
        (["true"], "usage: offer-sandbox exec"),
        (["--", "no-such-command"], "there is no command 'no-such-command'"),
        (["--seed", "abc", "--", "true"], "--seed must be"),
        (["--contract", "ebay=9", "--", "true"], "must be one of 1.1.0, 1.1.2"),
        (["--data", "/proc/nothing", "--", "true"], "cannot use the folder"),
    ],
)
def test_what_cannot_be_run_is_told_in_one_line(arguments, told):
    ended = ran(*arguments)
    assert (ended.returncode, len(ended.stderr.splitlines()), ended.stdout) == (2, 1, ""), ended.stderr
    assert told in ended.stderr


def test_a_folder_for_the_ca_that_cannot_be_written():
    ended = ran("--", "true", env={**os.environ, "OFFER_SANDBOX_CA": "/proc/nothing"})
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1)
    assert "cannot use the folder /proc/nothing for the CA" in ended.stderr


WAITS = "import os, time; print(os.environ['OFFER_SANDBOX_URL'], flush=True); time.sleep(600)"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_leaves_nothing_running_however_it_is_ended(number):
    process = started(*python(WAITS))
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    assert len(servers()) >= 3, "it, its server and its command"
    process.send_signal(number)
    code = process.wait(timeout=30)
    assert code == {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}[number]
    until(lambda: not servers(), 10)
    process.communicate()


def test_it_ends_when_its_parent_is_killed(tmp_path):
    program = f"import subprocess; subprocess.run({[*COMMAND, 'exec', *python(WAITS)]!r})"
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline().startswith("http://")
    parent.kill()
    until(lambda: not servers(), 15)
    parent.communicate()


def test_a_command_that_a_signal_ends_has_the_code_of_a_shell():
    ended = ran(*python("import os; os.kill(os.getpid(), 15)"))
    assert ended.returncode == 143


def test_standard_input_reaches_the_command():
    ended = ran(*python("print(input().upper())"), input="a word\n")
    assert (ended.stdout, ended.returncode) == ("A WORD\n", 0)


def test_the_help_names_the_form():
    ended = subprocess.run(
        [*COMMAND, "exec", "--help"], capture_output=True, text=True, timeout=60, cwd=ROOT, check=True
    )
    assert "exec [flags] [flags of serve] -- COMMAND" in ended.stdout


def test_plain_http_is_redirected_or_refused_too():
    program = """
import requests
print(requests.get("http://api.sibipro.com/offers/offer-123", headers={"Authorization": "Bearer x"}, timeout=30).status_code)
print(requests.get("http://example.org/", timeout=30).status_code)
"""
    ended = ran(*python(program))
    assert ended.stdout.split() == ["200", "403"], ended.stderr
    assert ended.stderr.splitlines() == ["offer-sandbox: refused a call to example.org, 1 times"]


def test_a_file_that_is_no_program_is_told_in_one_line(tmp_path):
    script = tmp_path / "script"
    script.write_text("no program")
    script.chmod(0o755)
    ended = ran("--", str(script))
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1), ended.stderr
    assert "cannot run" in ended.stderr


def test_a_child_that_ignores_the_signal_ends_too():
    program = ["--", "sh", "-c", "(trap '' TERM; echo ready; exec sleep 600) & wait"]
    process = started(*program)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)
    until(lambda: not servers(), 10)
    process.communicate()


def typed(awaited: str, keys: bytes, command: str) -> tuple[int, str]:
    """What a command under `exec` in a terminal prints, and its exit code; keys are typed when a text has come."""
    program = [sys.executable, str(ROOT / "tests" / "support" / "terminal.py"), awaited, keys.hex()]
    done = subprocess.run(
        [*program, *COMMAND, "exec", "--", "sh", "-c", command], capture_output=True, timeout=60, check=True
    )
    code, shown = json.loads(done.stdout)
    return code, shown


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("turn", range(4))
def test_a_command_reads_from_the_terminal(turn):
    code, shown = typed("ready", b"a word\n", "echo ready; read x; echo got $x; exit 4")
    assert (code, "got a word" in shown) == (4, True), shown


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_ctrl_c_in_a_terminal_ends_the_command_and_all():
    code, shown = typed(
        "ready", b"\x03", "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.1; done"
    )
    assert (code, "caught" in shown) == (5, True), shown
    until(lambda: not servers(), 10)


EARLY_SIGNAL = """
import os, signal, subprocess, sys, time
from pathlib import Path
from offer_sandbox.cli import main

ready = Path(sys.argv[1])


class Popen(subprocess.Popen):
    def __init__(self, command, **options):
        super().__init__(command, **options)
        if "trap" in command[-1]:
            while not ready.exists():
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGINT)


subprocess.Popen = Popen
sys.exit(main(["exec", "--", "sh", "-c", f"trap 'exit 5' INT; touch {ready}; while :; do sleep 0.1; done"]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no POSIX signals")
def test_ctrl_c_before_the_start_has_returned_reaches_the_command(tmp_path):
    program = [sys.executable, "-c", EARLY_SIGNAL, str(tmp_path / "ready")]
    ended = subprocess.run(
        program, capture_output=True, text=True, timeout=60, check=False, start_new_session=True
    )
    assert ended.returncode == 5, ended.stderr
    until(lambda: not servers(), 10)


CALL = 'curl -s "$SIBI_API_URL/offers/offer-123" -H "Authorization: Bearer $SIBI_API_KEY" >/dev/null'


@pytest.mark.parametrize(
    ("minimum", "command", "code"), [("11", CALL, 0), ("12", CALL, 1), ("12", "exit 7", 7), ("0", "true", 0)]
)
def test_fail_under_prints_the_coverage_and_decides_after_the_command(minimum, command, code):
    ended = ran("--fail-under", minimum, "--", "sh", "-c", command)
    assert ended.returncode == code, ended.stderr
    assert ended.stdout == ""
    assert "outcome coverage: " in ended.stderr
    assert ("at least 12 % are required" in ended.stderr) == (code != 0)


def test_the_kinds_of_the_coverage_can_be_chosen():
    ended = ran("--fail-under", "0", "--coverage-kinds", "infrastructure", "--", "sh", "-c", CALL)
    assert "not covered: rate_limited (429), Too many requests" in ended.stderr


@pytest.mark.parametrize("minimum", ["101", "x", ""])
def test_an_impossible_percentage_is_refused_before_anything_starts(minimum, tmp_path):
    ended = ran("--fail-under", minimum, "--", "touch", str(tmp_path / "ran"))
    assert ended.returncode == 2
    assert "is not a percentage from 0 to 100" in ended.stderr
    assert not (tmp_path / "ran").exists()


def test_the_coverage_of_a_server_with_a_token_is_read_with_it():
    ended = ran("--admin-token", "root", "--fail-under", "1", "--", "sh", "-c", CALL)
    assert ended.returncode == 0, ended.stderr


def test_the_tests_of_a_pytest_project_use_the_server_of_exec(tmp_path):
    """So that the coverage of this server is that of the tests."""
    (tmp_path / "test_project.py").write_text(PREAMBLE + "def test_reads(status): assert status() == 'pending'\n")
    ended = ran("--fail-under", "1", "--", *PYTEST_ALONE, cwd=tmp_path, env={**os.environ, **ALONE})
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "outcome coverage: 1 of 9 outcomes" in ended.stderr

"""The command line as a whole: help in groups, suggestions, completion, colours, and where values come from."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import fields

import click
import pytest

from offer_sandbox.cli.command_line import COMMAND_LINE, GROUPS
from offer_sandbox.configuration import Configuration, InvalidSetting, as_flags, settings, usable
from running_server import COMMAND, ROOT, run

VERBS = [name for names in GROUPS.values() for name in names]


def command(name: str) -> click.Command:
    """A verb."""
    found = COMMAND_LINE.get_command(click.Context(COMMAND_LINE), name)
    assert found is not None
    return found


def test_without_arguments_the_help_is_printed():
    done = run()
    assert (done.returncode, done.stderr, done.stdout) == (0, "", run("--help").stdout)
    titles = [line.rstrip(":") for line in done.stdout.splitlines() if line.endswith(":") and line[0] != " "]
    assert titles == ["Options", *GROUPS]
    assert "Exit codes: 0 success" in done.stdout


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_file_and_a_help(verb: str):
    assert (ROOT / "sandbox/offer_sandbox/cli" / f"{verb}.py").exists()
    done = run(verb, "-h")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Usage: offer-sandbox {verb}" in done.stdout
    for each in command(verb).params:
        assert not isinstance(each, click.Option) or each.help, each.name
    assert not command(verb).get_short_help_str(120).endswith("..."), "the group's help shows all of it"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["srve"], "there is no verb 'srve' (did you mean serve?)"),
        (["xyzzy"], "there is no verb 'xyzzy' (see offer-sandbox --help)"),
        (["serve", "--prt", "1"], "Did you mean"),
        (["env"], "(see offer-sandbox env --help)"),
        (["serve", "--port"], "(see offer-sandbox serve --help)"),
        (["snapshot", "keep", "x"], "'keep' is not one of 'save', 'load'"),
        (["snapshot"], "Missing argument"),
    ],
)
def test_a_misuse_is_one_line_with_a_way_on(arguments: list[str], told: str):
    done = run(*arguments)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert done.stderr.startswith("offer-sandbox: ")
    assert told in done.stderr


@pytest.mark.parametrize("verb", [None, *VERBS])
def test_a_verb_imports_only_what_it_needs(verb: str | None):
    """The help of a verb loads no other verb, no provider and no framework."""
    program = (
        "import sys; from offer_sandbox.cli import main; code = main(sys.argv[1:]);"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    arguments = ["--version"] if verb is None else [verb, "--help"]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(done.stderr.split())
    assert not {"flask", "marshmallow", "graphql", "argparse", "offer_sandbox.providers"} & loaded
    if verb is None:
        assert not [each for each in loaded if each.removeprefix("offer_sandbox.cli.") in VERBS]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_completes_verbs_and_flags(shell: str):
    script = run("completion", shell)
    assert (script.returncode, f"_OFFER_SANDBOX_COMPLETE={shell}_complete" in script.stdout) == (0, True)
    asked = {"COMP_WORDS": "offer-sandbox ca", "COMP_CWORD": "1", "_OFFER_SANDBOX_COMPLETE": f"{shell}_complete"}
    if shell == "fish":
        asked = {**asked, "COMP_WORDS": "offer-sandbox ca", "COMP_CWORD": "ca"}
    found = run(env={**os.environ, **asked})
    assert found.returncode == 0, found.stderr
    assert {"ca", "catalog"} <= {word for line in found.stdout.split() for word in line.split(",")}


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("serve --jour", "--journal-size"),
        ("clock adv", "advance"),
        ("webhooks li", "list listen"),
        ("exec --fail-u", "--fail-under"),
        ("nonsen", ""),
    ],
)
def test_bash_completes_a_line(line: str, expected: str):
    typed = line.split(" ")
    words = f"COMP_WORDS=(offer-sandbox {line}); COMP_CWORD={len(typed)}; _offer_sandbox_completion offer-sandbox"
    folder = os.path.dirname(sys.executable)
    program = f'eval "$(offer-sandbox completion bash)"; {words}; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run(
        ["bash", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
    )
    assert (done.stdout.split(), done.stderr) == (expected.split(), "")


def test_an_output_that_cannot_be_written_is_one_line():
    done = subprocess.run(
        ["sh", "-c", f"{' '.join(COMMAND)} catalog > /dev/full"], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert "No space left" in done.stderr


def in_terminal(**variables: str) -> str:
    """What `doctor` prints to a terminal."""
    script = shutil.which("script")
    if script is None:
        pytest.skip("needs script(1)")
    line = " ".join([*COMMAND, "doctor", "--port", "0"])
    kept = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    done = subprocess.run(
        [script, "-qec", line, "/dev/null"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env={**kept, **variables},
    )
    return done.stdout


def test_colours_are_for_terminals_and_obey_no_color():
    assert "\x1b[32mok\x1b[0m" in in_terminal()
    assert "\x1b[" not in in_terminal(NO_COLOR="1")
    assert "\x1b[" not in run("doctor", "--port", "0").stdout


def test_every_setting_is_a_flag_with_its_variable_and_default_in_the_help():
    shown = "".join(run("serve", "--help").stdout.split())
    for each in settings():
        default = f" [default: {each.shown}]" if each.shown else ""
        assert "".join(f"{each.help}{default} [{each.variable}]".split()) in shown
        assert each.flag in shown


def test_the_defaults_in_the_help_are_those_of_the_settings():
    defaults = {each.name: each.default for each in fields(Configuration)}
    for each in settings():
        if each.shown.isdecimal():
            assert each.reads(each.shown) == defaults[each.name]


def test_a_flag_goes_before_its_variable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OFFER_SANDBOX_PORT", "1")
    monkeypatch.setenv("OFFER_SANDBOX_CORS", "https://a.example https://b.example")
    monkeypatch.setenv("OFFER_SANDBOX_PLAIN", "yes")
    found = Configuration.of({"port": "2", "cors": (), "plain": False})
    assert (found.port, found.cors, found.plain) == (2, ("https://a.example", "https://b.example"), True)
    monkeypatch.setenv("OFFER_SANDBOX_PLAIN", "off")
    monkeypatch.setenv("OFFER_SANDBOX_PORT", "")
    assert (Configuration.of().port, Configuration.of().plain) == (4242, False)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("port", "-1", "--port must be a whole number from 0 to 65535, not '-1'"),
        ("seed", "1.5", "--seed must be"),
        ("data", "", "--data must name a folder"),
        ("data", "mysql://x/y", "--data must be a folder or a postgresql:// URL"),
        ("admin_token", "", "--admin-token must not be empty"),
        ("auth", "none", "--auth must be one of open, keys, not 'none'"),
        ("workspace_ttl", "0", "--workspace-ttl must be from 1"),
        ("workspace_ttl", "soon", "--workspace-ttl must be in seconds or an ISO 8601 duration"),
        ("max_records", "999", "--max-records must be a whole number from 1000"),
        ("workers", "65", "--workers must be a whole number from 1 to 64"),
    ],
)
def test_an_invalid_value_is_told_with_its_flag(name: str, value: str, told: str):
    with pytest.raises(InvalidSetting) as refusal:
        Configuration.of({name: value})
    assert str(refusal.value).startswith(told)


def test_an_invalid_variable_is_told_with_both_names(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OFFER_SANDBOX_MAX_STREAMS", "many")
    with pytest.raises(InvalidSetting, match=r"--max-streams \(OFFER_SANDBOX_MAX_STREAMS\) must be"):
        Configuration.of()
    found, rejected = usable({"port": "x", "seed": "7"})
    assert (found.seed, found.port, rejected) == (7, 4242, {"port", "max_streams"})


def test_flags_are_passed_on_as_they_were_given():
    given = {"port": "0", "plain": True, "tls": False, "cors": ("https://a.example", "*"), "data": None}
    assert as_flags(given) == ["--port=0", "--plain", "--cors=https://a.example", "--cors=*"]


def test_another_wsgi_server_reads_the_same_configuration():
    program = (
        "from offer_sandbox.options import Options; from offer_sandbox.providers import providers;"
        "found = Options.from_environment(providers());"
        "print(found.beginning.seed, found.limits.records, found.keyed, found.allow_hosts, found.journal_size)"
    )
    given = {"SEED": "7", "MAX_RECORDS": "2000", "AUTH": "keys", "ALLOW_HOST": "a b", "JOURNAL_SIZE": "5"}
    variables = {f"OFFER_SANDBOX_{name}": value for name, value in given.items()}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **variables},
    )
    assert done.stdout == "7 2000 True ('a', 'b') 5\n", done.stderr


def test_installed_specs_are_not_overwritten(tmp_path):
    """Where the package is installed, the files that belong to it have no project beside them."""
    shutil.copytree(ROOT / "specs", tmp_path / "share/offer-sandbox/specs")
    program = (
        "import sys; from pathlib import Path; from offer_sandbox import resources;"
        f"resources.bundled = lambda name: Path({str(tmp_path)!r}) / 'share/offer-sandbox' / name;"
        "from offer_sandbox.cli import main; sys.exit(main(['specs']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "belongs to the installed package" in done.stderr) == (2, True), done.stderr


def test_verbs_print_json_for_programs(tmp_path):
    played = json.loads(run("play", "ebay-denied", "--json").stdout)
    assert (played["scenario"], played["as_expected"], played["steps"][0]["number"]) == ("ebay-denied", True, 1)
    assert json.loads(run("env", "sibi", "--json").stdout)["SIBI_API_KEY"] == "sbx_demo"
    body = '{"code": "OFFER_NOT_FOUND", "message": "Offer not found"}'
    [first, *_] = json.loads(run("identify", "--json", input=body).stdout)["outcomes"]
    assert first["id"].startswith("sibi.")
    nothing = run("identify", "--json", input="nothing of the kind")
    assert (nothing.returncode, json.loads(nothing.stdout)) == (1, {"outcomes": []})
    (tmp_path / "broken.yaml").write_text("scenario: x\nrules: 7\n")
    done = run("validate", "--json", str(tmp_path / "broken.yaml"), str(ROOT / "scenarios/ebay-sold.yaml"))
    files = json.loads(done.stdout)["files"]
    assert (done.returncode, [each["usable"] for each in files]) == (1, [False, True])
    assert files[0]["mistakes"]

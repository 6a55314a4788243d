"""`--offer-sandbox-coverage`: the coverage of a whole test session, over its workers, and its exit code."""

import json

import pytest

from pytest_projects import passed, project

CALLED = "outcome coverage: 2 of 9 outcomes (22.2 %) of the operation that was called"
TESTS = """
def test_found(status):
    assert status() == "pending"

def test_not_found(status):
    with pytest.raises(requests.HTTPError):
        status("none")

@pytest.mark.parametrize("turn", range(4))
def test_again(status, turn):
    assert status() == "pending"
"""
EXPIRED = """
@pytest.mark.sandbox_outcomes("sibi.getOffer", kind="state")
def test_outcomes(status, outcome):
    assert status() == outcome.name
"""
FAILING = """
def test_fails(status):
    assert status() == "expired"
"""


@pytest.mark.parametrize("flags", [(), ("-n", "2")])
def test_the_table_covers_all_workers(tmp_path, flags):
    ended = project(tmp_path, TESTS, "--offer-sandbox-coverage", *flags)
    passed(ended, 6)
    assert CALLED in ended.stdout
    assert "    not covered: expired (200), An offer whose status is expired" in ended.stdout


def test_without_the_option_nothing_is_printed(tmp_path):
    assert "outcome coverage" not in project(tmp_path, TESTS).stdout


def test_tests_from_the_list_raise_the_coverage(tmp_path):
    ended = project(tmp_path, TESTS + EXPIRED, "--offer-sandbox-fail-under=100")
    passed(ended, 14)
    assert "outcome coverage: 9 of 9 outcomes (100 %)" in ended.stdout
    assert "not covered" not in ended.stdout


@pytest.mark.parametrize("flags", [(), ("-n", "2")])
def test_a_coverage_below_the_limit_fails_the_session(tmp_path, flags):
    ended = project(tmp_path, TESTS, "--offer-sandbox-fail-under=80", *flags)
    assert ended.returncode == 1
    assert "FAIL: 22.2 % of the outcomes are covered, and at least 80 % are required" in ended.stdout
    assert "6 passed" in ended.stdout


def test_a_failed_test_fails_the_session_whatever_the_coverage(tmp_path):
    ended = project(tmp_path, FAILING, "--offer-sandbox-fail-under=1")
    assert ended.returncode == 1
    assert "FAIL:" not in ended.stdout


@pytest.mark.parametrize("value", ["101", "-1", "x", "nan"])
def test_an_impossible_limit_is_a_usage_error(tmp_path, value):
    ended = project(tmp_path, TESTS, f"--offer-sandbox-fail-under={value}")
    assert ended.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"offer_sandbox_fail_under must be a percentage from 0 to 100, not '{value}'" in ended.stderr


def test_the_settings_of_a_project_ask_for_it_too(tmp_path):
    ini = (
        "offer_sandbox_coverage = true\noffer_sandbox_fail_under = '10'\n"
        "offer_sandbox_coverage_kinds = 'infrastructure'\noffer_sandbox_coverage_file = 'out/coverage.json'\n"
    )
    ended = project(tmp_path, TESTS, ini=ini)
    passed(ended, 6)
    assert "2 of 14 outcomes" in ended.stdout
    document = json.loads((tmp_path / "out" / "coverage.json").read_text())
    assert [each["id"] for each in document["outcomes"] if each["served"]] == [
        "sibi.getOffer.pending",
        "sibi.getOffer.offer_not_found",
    ]


def test_the_file_is_markdown_or_text_by_its_suffix(tmp_path):
    project(tmp_path, TESTS, "--offer-sandbox-coverage-file=a.md")
    assert "| `sibi.getOffer` | 2 | 9 | 22.2 % |" in (tmp_path / "a.md").read_text()
    project(tmp_path, TESTS, "--offer-sandbox-coverage-file=a.txt")
    assert (tmp_path / "a.txt").read_text().startswith(CALLED)


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        ("--offer-sandbox-coverage-file=a.xml", "'a.xml' must end with one of .json, .md, .txt"),
        ("--offer-sandbox-coverage-kinds=all", "unknown 'all' (known: infrastructure, documented)"),
    ],
)
def test_wrong_options_end_pytest_before_any_test(tmp_path, flag, told):
    ended = project(tmp_path, TESTS, flag)
    assert ended.returncode == pytest.ExitCode.USAGE_ERROR
    assert told in ended.stderr
    assert "passed" not in ended.stdout


def test_a_session_that_calls_nothing_has_no_coverage(tmp_path):
    ended = project(tmp_path, "def test_nothing(): pass", "--offer-sandbox-fail-under=1")
    assert ended.returncode == 1
    assert "outcome coverage: no operation was called" in ended.stdout
    listed = project(tmp_path, TESTS, "--offer-sandbox-fail-under=1", "--collect-only")
    assert listed.returncode == 0

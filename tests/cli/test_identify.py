"""`offer-sandbox identify`: from a file or from standard input."""

import subprocess

from running_server import COMMAND, run

ENDED = (
    '{"errors": [{"errorId": 150011, "domain": "API_NEGOTIATION", "category": "BUSINESS", "message": "ended"}]}'
)


def piped(text: bytes) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run([*COMMAND, "identify"], input=text, capture_output=True, check=False, timeout=60)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_body_from_standard_input():
    done = piped(ENDED.encode())
    lines = done.stdout.splitlines()
    assert (done.returncode, lines[0].split()[0]) == (0, "ebay.sendOfferToInterestedBuyers.150011")
    assert lines[1].strip().startswith("source: eBay, sendOfferToInterestedBuyers")
    assert 'rules.add("ebay.sendOfferToInterestedBuyers", outcome="150011", times=1)' in lines[2]


def test_a_file(tmp_path):
    path = tmp_path / "response.json"
    path.write_text(ENDED)
    assert run("identify", str(path)).stdout == piped(ENDED.encode()).stdout


def test_none_of_the_outcomes_exits_with_1():
    done = piped(b'{"hello": "world"}')
    assert (done.returncode, done.stdout) == (1, "none of the documented outcomes has this response\n")


def test_bytes_that_are_no_text_are_read_as_far_as_they_go():
    assert piped(b"\xff\xfe" + ENDED.encode() + b"\x00").returncode == 0


def test_what_cannot_be_read_is_told_in_one_line(tmp_path):
    for path in (tmp_path / "absent", tmp_path):
        done = run("identify", str(path), check=False)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert piped(b"x" * 1_100_000).returncode == 2

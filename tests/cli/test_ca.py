"""The CA: made once, printed, kept from others, refused where it cannot be used."""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from foreign_ca import own_ca
from running_server import COMMAND, Server, run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the CA of this test lives; not there yet."""
    monkeypatch.setenv("OFFER_SANDBOX_CA", str(tmp_path / "made" / "ca"))
    return tmp_path / "made" / "ca"


def printed(*flags: str) -> str:
    """What `ca` prints when it succeeds."""
    done = run("ca", *flags)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refused() -> str:
    """The one line that it prints when it does not."""
    done = run("ca")
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.strip().splitlines()
    return line


def keep(folder: Path, certificate: bytes, key: bytes) -> None:
    """Puts a CA of somebody's own there."""
    folder.mkdir(parents=True)
    (folder / "ca.pem").write_bytes(certificate)
    (folder / "ca-key.pem").write_bytes(key)
    (folder / "ca-key.pem").chmod(0o600)


def test_nothing_but_the_certificate_is_printed_and_always_the_same(folder: Path):
    text = printed()
    assert re.fullmatch(r"-----BEGIN CERTIFICATE-----\n[\w+/=\n]+-----END CERTIFICATE-----\n", text)
    assert printed() == text == (folder / "ca.pem").read_text()
    assert printed("--path") == f"{folder}/ca.pem\n"
    found = x509.load_pem_x509_certificate(text.encode())
    assert found.subject.rfc4514_string() == "OU=Offer Sandbox CA,O=Offer Sandbox"
    limits = found.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (limits.ca, limits.path_length) == (True, 0), "it signs certificates of servers, and no further CA"


def test_the_key_is_its_owner_s_alone(folder: Path):
    """Whatever the umask lets others do."""
    subprocess.run(["sh", "-c", f"umask 000; {' '.join(COMMAND)} ca"], check=True, capture_output=True)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "ca-key.pem").stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in folder.iterdir()) == ["ca-key.pem", "ca.pem"]


def test_several_that_start_at_once_make_one_ca(folder: Path):
    with ThreadPoolExecutor(6) as pool:
        texts = {future.result() for future in [pool.submit(printed) for _ in range(6)]}
    assert texts == {(folder / "ca.pem").read_text()}
    certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    key = load_pem_private_key((folder / "ca-key.pem").read_bytes(), None)
    assert key.public_key() == certificate.public_key()
    assert sorted(each.name for each in folder.iterdir()) == ["ca-key.pem", "ca.pem"]


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({"XDG_DATA_HOME": "{}/data"}, "data/offer-sandbox/ca/ca.pem"),
        ({"XDG_DATA_HOME": "data"}, ".local/share/offer-sandbox/ca/ca.pem"),
        ({}, ".local/share/offer-sandbox/ca/ca.pem"),
    ],
)
def test_where_it_lives_unless_told(tmp_path: Path, variables, place):
    kept = {name: value for name, value in os.environ.items() if name not in ("OFFER_SANDBOX_CA", "XDG_DATA_HOME")}
    own = {name: value.format(tmp_path) for name, value in variables.items()}
    done = run("ca", "--path", env={**kept, "HOME": str(tmp_path), **own})
    assert done.stdout == f"{tmp_path}/{place}\n", done.stderr
    assert (tmp_path / place).exists()


def test_a_lost_certificate_comes_back_and_a_lost_key_is_missed(folder: Path):
    text = printed()
    (folder / "ca.pem").unlink()
    assert printed() == text
    (folder / "ca-key.pem").unlink()
    assert f"{folder} has ca.pem but no ca-key.pem" in refused()
    assert (folder / "ca.pem").read_text() == text


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("ca.pem", b"", "cannot be used: "),
        ("ca.pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be used: "),
        ("ca-key.pem", b"", "cannot be used: "),
        ("ca-key.pem", b"\xff\x00", "cannot be used: "),
        ("ca-key.pem", trustme.CA().private_key_pem.bytes(), "ca.pem and ca-key.pem do not match"),
    ],
)
def test_a_damaged_ca_is_refused_and_left_as_it_is(folder: Path, name, content, words):
    printed()
    (folder / name).write_bytes(content)
    assert words in refused()
    assert (folder / name).read_bytes() == content


@pytest.mark.parametrize("place", [__file__, "/proc/nothing"])
def test_a_folder_that_cannot_be_used(monkeypatch, place):
    monkeypatch.setenv("OFFER_SANDBOX_CA", place)
    assert f"cannot use the folder {place} for the CA" in refused()


@pytest.mark.skipif(os.name != "posix", reason="there are no such permissions")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_others_can_use_is_refused_with_the_way_out(folder: Path, mode: int):
    text = printed()
    (folder / "ca-key.pem").chmod(mode)
    assert f"chmod 600 {folder / 'ca-key.pem'}" in refused()
    with pytest.raises(RuntimeError, match="other users can use the key"):
        Server("--tls", ca=folder)
    (folder / "ca-key.pem").chmod(0o600)
    assert printed() == text


def test_a_certificate_that_is_no_ca_s(folder: Path):
    leaf = trustme.CA().issue_cert("localhost")
    keep(folder, leaf.cert_chain_pems[0].bytes(), leaf.private_key_pem.bytes())
    assert "its certificate is not a CA certificate" in refused()


def test_a_key_that_is_locked(folder: Path):
    ca = trustme.CA()
    key = load_pem_private_key(ca.private_key_pem.bytes(), None)
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    keep(folder, ca.cert_pem.bytes(), locked)
    assert "Password was not given but private key is encrypted" in refused()


def test_an_expired_ca_is_refused_with_the_way_out(folder: Path):
    keep(folder, *own_ca(ec.generate_private_key(ec.SECP256R1()), datetime(2024, 5, 1, tzinfo=UTC)))
    line = refused()
    assert "it expired on 2024-05-01" in line
    assert "remove ca.pem and ca-key.pem there to create a new one" in line

"""`doctor --tls`: the CA, its key, the certificate, and where the providers' hosts lead; and that it makes no CA."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from doctor_runs import Found, ask, isolated, lying
from foreign_ca import own_ca
from offer_sandbox.providers import providers
from running_server import run

HOSTS = {host for provider in providers().values() for host in provider.hosts}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a CA lives that was made by the sandbox."""
    made = tmp_path / "ca"
    assert run("ca", env={**os.environ, "OFFER_SANDBOX_CA": str(made)}).returncode == 0
    return made


def look(folder: Path, *flags: str, **options) -> tuple[int, Found]:
    """What is found with a CA in that folder, which stays as it is."""
    before = lying(folder.parent)
    found = ask("--tls", *flags, OFFER_SANDBOX_CA=str(folder), **options)
    assert lying(folder.parent) == before
    return found


def test_a_usable_ca(folder: Path):
    code, found = look(folder)
    assert (code, found["ca"]["found"]) == (0, f"{folder}/ca.pem can sign certificates")
    assert (found["ca key"]["status"], found["certificate"]["status"]) == ("ok", "ok")
    assert found["variables"]["found"] == "accepted: OFFER_SANDBOX_CA"


def test_it_is_looked_at_with_tls_only(tmp_path: Path):
    _, found = ask()
    assert not {"ca", "ca key", "certificate", *HOSTS} & set(found)
    assert set(ask(OFFER_SANDBOX_TLS="1", OFFER_SANDBOX_CA=str(tmp_path))[1]) >= HOSTS


def test_one_that_is_not_there_is_not_made(tmp_path: Path):
    code, found = look(tmp_path / "ca")
    assert (code, found["ca"]["found"]) == (0, f"no CA yet, one will be created in {tmp_path}/ca")
    assert found["certificate"]["status"] == "ok"
    assert "ca key" not in found


def test_a_certificate_that_is_missing_is_not_written(folder: Path):
    (folder / "ca.pem").unlink()
    code, found = look(folder)
    assert (code, found["ca"]["status"]) == (0, "ok")


def test_a_key_that_others_may_read(folder: Path):
    (folder / "ca-key.pem").chmod(0o640)
    code, found = look(folder)
    assert (code, found["ca"]["status"], found["ca key"]["status"]) == (1, "ok", "wrong")
    assert "mode 640" in found["ca key"]["found"]
    assert f"chmod 600 {folder}/ca-key.pem" in found["ca key"]["remedy"]


def test_an_expired_one(folder: Path):
    certificate, key = own_ca(ec.generate_private_key(ec.SECP256R1()), datetime(2024, 5, 1, tzinfo=UTC))
    (folder / "ca.pem").write_bytes(certificate)
    (folder / "ca-key.pem").write_bytes(key)
    code, found = look(folder)
    assert (code, found["ca"]["status"]) == (1, "wrong")
    assert found["ca"]["found"].endswith("cannot be used: it expired on 2024-05-01")
    assert found["ca"]["remedy"] == "repair it, or remove ca.pem and ca-key.pem there to create a new one"


@pytest.mark.parametrize("name", ["ca.pem", "ca-key.pem"])
def test_a_damaged_one_and_one_of_which_half_is_gone(folder: Path, name: str):
    (folder / name).write_bytes(b"")
    code, found = look(folder)
    assert (code, found["ca"]["status"]) == (1, "wrong")
    (folder / "ca-key.pem").unlink()
    code, found = look(folder)
    assert (code, found["ca"]["found"]) == (1, f"{folder} has ca.pem but no ca-key.pem")
    assert found["ca"]["remedy"] == "restore ca-key.pem, or remove ca.pem to create a new CA"


def test_a_file_in_the_way(tmp_path: Path):
    (tmp_path / "ca").write_text("a file")
    code, found = look(tmp_path / "ca")
    assert (code, found["ca"]["found"]) == (1, f"{tmp_path}/ca is not a folder")
    assert found["ca"]["remedy"] == "choose another folder with OFFER_SANDBOX_CA"


@pytest.mark.parametrize("made", [True, False])
def test_a_name_that_no_certificate_can_have(folder: Path, made: bool):
    where = folder if made else folder.parent / "none"
    code, found = look(where, OFFER_SANDBOX_ALLOW_HOST="good.example a_b.example")
    assert (code, found["certificate"]["status"]) == (0, "warning")
    assert found["certificate"]["found"] == "no certificate can be issued for 'a_b.example'"


def test_where_the_hosts_lead(folder: Path, tmp_path: Path):
    """By the hosts file; whichever it is, nothing is wrong."""
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost api.ebay.com\n203.0.113.1 auth.ebay.com\n")
    through = isolated("-m", f"mount --bind {hosts} /etc/hosts")
    code, found = look(folder, through=through)
    assert code == 0
    assert found["api.ebay.com"]["found"] == "resolves to 127.0.0.1"
    assert found["auth.ebay.com"]["found"] == "resolves to an address outside the loopback"
    assert "wildcard for several names" in found["*.estateprime.gr"]["found"]
    assert {found[host]["status"] for host in HOSTS} == {"ok"}

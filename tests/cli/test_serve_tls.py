"""`serve --tls`: what it prints, the certificate it shows, whose CA signs it, and what it refuses."""

import json
import ssl
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from foreign_ca import own_ca
from running_server import COMMAND, Server, printed_until_url, run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the CA of this test lives; not there yet."""
    monkeypatch.setenv("OFFER_SANDBOX_CA", str(tmp_path / "ca"))
    return tmp_path / "ca"


def test_somebody_s_own_ca_signs_too(folder: Path):
    certificate, key = own_ca(rsa.generate_private_key(65537, 2048), datetime(2099, 1, 1, tzinfo=UTC))
    folder.mkdir()
    (folder / "ca.pem").write_bytes(certificate)
    (folder / "ca-key.pem").write_bytes(key)
    (folder / "ca-key.pem").chmod(0o600)
    server = Server(ca=folder)
    assert requests.get(f"{server.tls_url}/health", verify=server.ca, timeout=30).status_code == 200
    assert server.stop() == 0


def test_the_server_s_certificate_is_new_each_time_and_no_client_thinks_it_too_long(folder: Path):
    seen = []
    for _ in range(2):
        server = Server(ca=folder)
        host, _, port = server.tls_url.removeprefix("https://").rpartition(":")
        seen.append(x509.load_pem_x509_certificate(ssl.get_server_certificate((host, int(port))).encode()))
        assert server.stop() == 0
    first, second = seen
    assert first.public_key() != second.public_key()
    assert first.issuer.rfc4514_string() == "OU=Offer Sandbox CA,O=Offer Sandbox"
    assert (first.not_valid_after_utc - first.not_valid_before_utc).days <= 397
    assert first.not_valid_before_utc < datetime.now(UTC) < first.not_valid_after_utc


def test_serve_prints_its_https_url(folder: Path, monkeypatch):
    """The last line is still the http URL. The JSON form has two members more."""
    monkeypatch.setenv("OFFER_SANDBOX_TLS", "1")
    process = subprocess.Popen([*COMMAND, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
    announced = printed_until_url(process)
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 0
    https = f"  HTTPS         https{announced[-1][4:]} (print the CA certificate with: offer-sandbox ca)"
    assert https in announced
    server = Server()
    assert (server.tls_url, server.ca) == (f"https{server.url[4:]}", str(folder / "ca.pem"))
    assert server.stop() == 0


@pytest.mark.parametrize("name", ["a_b.example", "a..b", f"{'x' * 64}.example"])
def test_a_name_that_no_certificate_can_have(folder: Path, name):
    """The server starts, says so, and answers by HTTPS to its other names."""
    command = [*COMMAND, "serve", "--tls", "--port", "0", "--json", "--log", "json", "--allow-host", name]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    assert requests.get(f"{told['tls_url']}/health", verify=told["ca"], timeout=30).status_code == 200
    process.terminate()
    _, logged = process.communicate(timeout=60)
    line = json.loads(logged.splitlines()[0])
    assert (
        line["event"]
        == f"cannot issue a certificate for the name {name!r}: clients must use another name for HTTPS"
    )
    assert line["level"] == "warning"


def test_a_ca_that_cannot_be_used(folder: Path):
    folder.write_text("not a folder")
    done = run("serve", "--tls", "--port", "0")
    line = f"offer-sandbox: cannot use the folder {folder} for the CA: it is a file\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", line)


def test_waiting_for_a_server_whose_ca_is_not_trusted(folder: Path, monkeypatch):
    """The failure names the way out, and it works."""
    server = Server(ca=folder)
    refused = run("wait", server.tls_url, "--timeout", "0.5")
    assert refused.returncode == 1
    assert "its certificate is not trusted (set SSL_CERT_FILE" in refused.stderr
    monkeypatch.setenv("SSL_CERT_FILE", server.ca)
    assert run("wait", server.tls_url, "--timeout", "10").returncode == 0
    assert server.stop() == 0

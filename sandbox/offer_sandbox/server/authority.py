"""The sandbox's own certificate authority (CA): a folder with two files that is created on first use."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from offer_sandbox.environment import variable
from offer_sandbox.world.clock import real_now

CERTIFICATE = "ca.pem"
KEY = "ca-key.pem"
VARIABLE = "CA"  # OFFER_SANDBOX_CA names the folder
_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----\n"


class AuthorityUnusable(Exception):
    """The CA cannot be used or created. The message is one line for the operator."""


@dataclass(frozen=True)
class Authority:
    """A CA that can sign. `path` is the file of its certificate, which clients must trust."""

    path: Path
    signer: trustme.CA

    @property
    def pem(self) -> str:
        """The certificate in PEM format."""
        return self.signer.cert_pem.bytes().decode()


def own_authority() -> Authority:
    """Returns the CA of this machine's user. Creates it if there is none.

    Raises AuthorityUnusable if its files are damaged, expired or inaccessible, or if other users can use the key.
    """
    folder = ca_folder()
    with _within_reach(folder):
        key = _key(folder)
        if key is None:
            key = _made(folder)
        _demand_private(folder / KEY)
        certificate = _certificate(folder, key)
        if certificate is None:
            _write(folder / CERTIFICATE, _enclosed(key), 0o644)
            certificate = (folder / CERTIFICATE).read_bytes()
    return _joined(folder, certificate, key)


def found_authority() -> Authority | None:
    """Returns the CA that `own_authority` would return, or None if it would create one. Writes nothing."""
    folder = ca_folder()
    with _within_reach(folder):
        key = _key(folder)
        if key is None:
            return None
        certificate = _certificate(folder, key)
    return _joined(folder, _enclosed(key) if certificate is None else certificate, key)


@contextmanager
def _within_reach(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = "it is a file" if isinstance(error, FileExistsError) else error.strerror
        raise AuthorityUnusable(f"cannot use the folder {folder} for the CA: {why}") from None


def _joined(folder: Path, certificate: bytes, key: bytes) -> Authority:
    try:
        return Authority(folder / CERTIFICATE, _signer(certificate, key))
    except Exception as error:  # each library has its own exception for an unreadable file, key or extension
        why = str(error).partition("\n")[0] or type(error).__name__
        way_out = f"repair it, or remove {CERTIFICATE} and {KEY} there to create a new one"
        raise AuthorityUnusable(f"the CA in {folder} cannot be used: {why}; {way_out}") from None


def ca_folder() -> Path:
    """Returns the folder of the CA: `OFFER_SANDBOX_CA` if set, otherwise one in the system's user data folder."""
    given = variable(VARIABLE)
    if given:
        return Path(given)
    stored = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_DATA_HOME", "")
    if os.path.isabs(stored):  # the XDG standard ignores relative paths
        return Path(stored, "offer-sandbox", "ca")
    try:
        return Path.home() / ".local" / "share" / "offer-sandbox" / "ca"
    except RuntimeError:
        raise AuthorityUnusable("there is no home folder for the CA; set OFFER_SANDBOX_CA to a folder") from None


def _key(folder: Path) -> bytes | None:
    """Returns the contents of the key file, or None if neither file exists."""
    path = folder / KEY
    # checked before the key, because another process writes the key first
    orphan = (folder / CERTIFICATE).exists()
    if path.exists():
        return path.read_bytes()
    if orphan:
        way_out = f"restore {KEY}, or remove {CERTIFICATE} to create a new CA"
        raise AuthorityUnusable(f"{folder} has {CERTIFICATE} but no {KEY}; {way_out}")
    return None


def is_private(key: Path) -> bool:
    """Returns whether no other user can read or change the key. Windows has no such permissions."""
    return os.name != "posix" or not key.stat().st_mode & 0o077


def _demand_private(path: Path) -> None:
    if not is_private(path):
        raise AuthorityUnusable(f"other users can use the key of the CA {path}; run: chmod 600 {path}")


def _made(folder: Path) -> bytes:
    """Creates a CA and returns the contents of its key file, or of the key file that another process made first.

    The key file contains the certificate too. One file then decides which CA exists if two processes create one
    at the same time.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    title = "Offer Sandbox CA"  # shown in lists of trusted authorities
    made = trustme.CA(organization_name="Offer Sandbox", organization_unit_name=title, path_length=0)
    _write(folder / KEY, made.private_key_pem.bytes() + made.cert_pem.bytes(), 0o600)
    return (folder / KEY).read_bytes()


def _certificate(folder: Path, key: bytes) -> bytes | None:
    """Returns the contents of the certificate file, or None if only the key file contains the certificate."""
    path = folder / CERTIFICATE
    return None if not path.exists() and _enclosed(key) else path.read_bytes()


def _enclosed(key: bytes) -> bytes:
    """Returns the certificate in the key file, or empty bytes if there is none."""
    begin, end = key.find(_BEGIN), key.find(_END)
    return key[begin : end + len(_END)] if 0 <= begin < end else b""


def _write(path: Path, data: bytes, mode: int) -> None:
    """Writes a file atomically. A file that already exists by then is not changed."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        os.chmod(name, mode)
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        os.unlink(name)


def _signer(certificate: bytes, key: bytes) -> trustme.CA:
    """Returns the CA from the contents of both files.

    Raises ValueError or an exception of the libraries if they do not form a valid CA.
    """
    found = x509.load_pem_x509_certificate(certificate)
    if found.public_key() != load_pem_private_key(key, password=None).public_key():
        raise ValueError(f"{CERTIFICATE} and {KEY} do not match")
    if not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
        raise ValueError("its certificate is not a CA certificate")
    if found.not_valid_after_utc < real_now():
        raise ValueError(f"it expired on {found.not_valid_after_utc:%Y-%m-%d}")
    return trustme.CA.from_pem(certificate, key)

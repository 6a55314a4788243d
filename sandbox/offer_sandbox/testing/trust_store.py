"""A trust store for Java with the sandbox's CA."""

from pathlib import Path

PASSWORD = "changeit"  # noqa: S105 - Java's customary one: the file has no secret


def write_trust_store(ca: Path, target: Path) -> None:
    """Writes a PKCS12 trust store that contains the certificate in the file `ca` alone."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

    certificate = x509.load_pem_x509_certificate(ca.read_bytes())
    trusted = [pkcs12.PKCS12Certificate(certificate, b"offer-sandbox")]
    target.write_bytes(pkcs12.serialize_java_truststore(trusted, BestAvailableEncryption(PASSWORD.encode())))

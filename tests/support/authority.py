"""A temporary certificate authority, and folders of certificates as a cluster mounts them."""

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

TRUST_DOMAIN = "test.coditect"
_HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Identity:
    """A workload's certificate and key, and the authorities that it trusts; all in PEM."""

    certificate: bytes
    key: bytes
    authorities: bytes


class Authority:
    """Signs certificates of workloads.

    Args:
        name: Its name; two authorities with one name are still distinct.
    """

    def __init__(self, name: str = "mesh") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = _builder(self._name, self._name, self._key.public_key(), _HOUR)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        self._certificate = builder.sign(self._key, hashes.SHA256())

    @property
    def pem(self) -> bytes:
        """The authority's own certificate."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def issue(
        self, name: str, *, life: dt.timedelta = _HOUR, domain: str = TRUST_DOMAIN
    ) -> Identity:
        """Issues an identity of `spiffe://<domain>/<name>`; with a negative lifetime it has expired.

        Envoys check only that name; the host name in it is for other clients.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        uri = x509.UniformResourceIdentifier(f"spiffe://{domain}/{name}")
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = (
            _builder(subject, self._name, key.public_key(), life)
            .add_extension(x509.SubjectAlternativeName([uri, x509.DNSName(name)]), False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
            .add_extension(x509.ExtendedKeyUsage(usages), False)
        )
        certificate = builder.sign(self._key, hashes.SHA256())
        return Identity(
            certificate.public_bytes(serialization.Encoding.PEM),
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
            self.pem,
        )


def mount(folder: Path, identity: Identity) -> None:
    """Puts an identity into a folder, or replaces it, as Kubernetes mounts a Secret.

    Files are links to `..data`, which is a link to the current folder, so all change atomically.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "..data"
    old = data.resolve() if data.is_symlink() else None
    new = folder / f"..{dt.datetime.now(dt.UTC).timestamp()}"
    new.mkdir()
    files = {
        "tls.crt": identity.certificate,
        "tls.key": identity.key,
        "ca.crt": identity.authorities,
    }
    for name, content in files.items():
        (new / name).write_bytes(content)
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(Path("..data", name))
    link = folder / "..data_tmp"
    link.symlink_to(new.name)
    link.replace(data)
    if old:
        shutil.rmtree(old)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, life: dt.timedelta
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 2 * _HOUR)
        .not_valid_after(now + life)
    )

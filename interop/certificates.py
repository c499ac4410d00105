"""Certificates of one run: an authority, the server's, the client's, and those of a stranger."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

CLIENT = "amqp-client"
"""The common name of the client's certificate: the user that EXTERNAL makes of it."""


@dataclass(frozen=True)
class Certificates:
    """An authority, and what it and a stranger have signed."""

    authority: trustme.CA
    client: trustme.LeafCert
    stranger: trustme.LeafCert

    def trusting(self) -> ssl.SSLContext:
        """Return what a client has that trusts the authority."""
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context

    def identified(self, certificate: trustme.LeafCert) -> ssl.SSLContext:
        """Return the same with a client certificate."""
        context = self.trusting()
        certificate.configure_cert(context)
        return context


def write(folder: Path) -> Certificates:
    """Make certificates, and write ca.pem, server.pem and server.key into a folder."""
    authority = trustme.CA()
    server = authority.issue_cert("localhost", "127.0.0.1", common_name="localhost")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    server.cert_chain_pems[0].write_to_path(folder / "server.pem")
    server.private_key_pem.write_to_path(folder / "server.key")
    for name in ("ca.pem", "server.pem", "server.key"):
        # The broker may run as another user; the key lives as long as the run.
        (folder / name).chmod(0o644)
    return Certificates(
        authority,
        authority.issue_cert(f"{CLIENT}@example.test", common_name=CLIENT),
        trustme.CA().issue_cert(f"{CLIENT}@example.test", common_name=CLIENT),
    )

"""Certificates of an authority that no machine trusts."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True, slots=True)
class Certificates:
    """What a service and those who ask it need.

    Attributes:
        authority: the authority's certificate, a file in PEM.
        service: key and certificate of the service, likewise.
        serving, trusting: the same for sockets of this process.
    """

    authority: Path
    service: Path
    serving: ssl.SSLContext
    trusting: ssl.SSLContext


def certificates(folder: Path, *names: str) -> Certificates:
    """Certificates for a service of these names."""
    ours = trustme.CA()
    issued = ours.issue_cert(*names)
    authority, service = folder / "authority.pem", folder / "service.pem"
    ours.cert_pem.write_to_path(str(authority))
    issued.private_key_and_cert_chain_pem.write_to_path(str(service))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(serving)
    trusting = ssl.create_default_context()
    ours.configure_trust(trusting)
    return Certificates(authority, service, serving, trusting)

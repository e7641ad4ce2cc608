"""Whose certificates are trusted: the machine's store, or a file in its place."""

from __future__ import annotations

import ssl
from pathlib import Path

import truststore

from harvester.plain_files import read_plain

# All authorities of the world are 0.3 MB.
_MOST_BYTES = 16 * 1024 * 1024
_NO_CERTIFICATE = "it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"


class TrustFileError(Exception):
    """A file that holds no certificates; its only argument says why, for people."""


def machine_trust() -> ssl.SSLContext:
    """Trust what this machine trusts: the keychain of macOS, the system's bundle on Linux.

    Python by itself reads the one place that its OpenSSL was built for, which a Python that was
    not made by the system's packagers often has nothing in.
    """
    return _for_http(truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def trust_of(path: Path) -> ssl.SSLContext:
    """Trust the certificates of a PEM file, or of a folder as `openssl rehash` makes one; no other.

    Raises:
        TrustFileError: it is missing, cannot be read, or holds no certificate.
    """
    # Made from its class, not by ssl.create_default_context: since Python 3.13 that refuses
    # authorities whose certificates lack what the youngest RFC wants, and many a firewall's does.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # As curl has it: an intermediate certificate, or the host's own, may stand in the file.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        if path.is_dir():
            context.load_verify_locations(capath=path)
            return _for_http(context)
        # OpenSSL tells a file that it may not read from one that it cannot understand badly, and
        # waits for ever at a pipe.
        read_plain(path, _MOST_BYTES)
        context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise TrustFileError(_NO_CERTIFICATE) from None
    except OSError as error:
        raise TrustFileError(error.strerror or "it cannot be read") from None
    if not context.cert_store_stats()["x509"]:
        raise TrustFileError(_NO_CERTIFICATE)
    return _for_http(context)


def _for_http(context: ssl.SSLContext) -> ssl.SSLContext:
    context.set_alpn_protocols(["http/1.1"])
    return context

# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The keys and certificates of one control plane, made afresh at each start."""

import datetime
from pathlib import Path
from typing import NamedTuple

LIFETIME = datetime.timedelta(days=1)
NAMES = ("127.0.0.1", "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
"""By what the API server is called."""


class Pki(NamedTuple):
    """PEM files in one folder."""

    ca: Path  # the authority's certificate, which clients trust
    ca_key: Path  # the authority's key, with which the controller manager signs requests
    server: Path  # the API server's certificate
    server_key: Path  # the API server's key
    account_key: Path  # the key that signs the tokens of service accounts


_FILES = ("ca.crt", "ca.key", "server.crt", "server.key", "service-account.key")


def write(folder: Path) -> Pki:
    """Make an authority, a certificate for the API server on 127.0.0.1 and a signing key.

    Returns:
        The files, all of them in `folder`, which is made.
    """
    import trustme  # brings cryptography: finding a control plane must not cost what a start does

    folder.mkdir(mode=0o700)
    until = datetime.datetime.now(datetime.timezone.utc) + LIFETIME
    authority = trustme.CA(organization_name="ckf-controlplane-ca")
    server = authority.issue_cert(*NAMES, common_name="kube-apiserver", not_after=until)
    accounts = authority.issue_cert("service-accounts", not_after=until)
    contents = (
        authority.cert_pem, authority.private_key_pem, server.cert_chain_pems[0],
        server.private_key_pem, accounts.private_key_pem,
    )  # fmt: skip
    for name, content in zip(_FILES, contents, strict=True):
        content.write_to_path(folder / name)
    return Pki(*(folder / name for name in _FILES))

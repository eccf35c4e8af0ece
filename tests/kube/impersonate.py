# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Call the API server as someone else: for tests of what a service account may do.

transport = impersonate.Transport(plane.ca, impersonate.account("kubeflow", "dex-auth"))
client = lightkube.Client(plane.lightkube_config(), transport=transport)
"""

import ssl
from collections.abc import Sequence
from pathlib import Path

import httpx2


def account(namespace: str, name: str) -> str:
    """Return the user name of a service account; the server adds the groups that go with it."""
    return f"system:serviceaccount:{namespace}:{name}"


class Transport(httpx2.HTTPTransport):
    """Sends every request as `user`, which takes a caller with the right to impersonate.

    Args:
        ca: PEM file of the authority that the server is checked with.
        user: The user to be.
        groups: Groups to be in. Of a service account leave them out.
    """

    def __init__(self, ca: Path, user: str, groups: Sequence[str] = ()) -> None:
        super().__init__(verify=ssl.create_default_context(cafile=str(ca)))
        self._headers = [("Impersonate-User", user)]
        self._headers += [("Impersonate-Group", group) for group in groups]

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send `request` with the headers of the other user."""
        request.headers = httpx2.Headers([*request.headers.multi_items(), *self._headers])
        return super().handle_request(request)

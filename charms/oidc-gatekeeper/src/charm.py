#!/usr/bin/env python3
"""OIDC Gatekeeper: lets nobody pass the gateway who has not logged in."""

from __future__ import annotations

import urllib.parse

import charmkit
import ops
from charmkit.interfaces import dex_oidc_config, ingress, ingress_auth, oidc_client
from gatekeeper_options import GatekeeperOptions

PORT = 8080
PROBE_PORT = 8081
PREFIX = "/authservice"
HOME = "/home/authservice"
CA_DIRECTORY = "/etc/certs/oidc"
CA_BUNDLE = f"{CA_DIRECTORY}/root-ca.pem"
USER_HEADER = "kubeflow-userid"


class OidcGatekeeperCharm(ops.CharmBase):
    """Runs the service on one unit: who is logged in stands in a file of its container."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, GatekeeperOptions)
        self.peers = charmkit.Peers(self, "client-secret")
        self.holder = charmkit.Holder(self, self.peers, "the sessions")
        self.client = charmkit.Provider(self, "oidc-client", oidc_client.INTERFACE, self._client)
        self.secret = charmkit.KeptSecret(self, self.peers, "client-secret-id", self._new_secret)
        self.dex = charmkit.Requirer(
            self, "dex-oidc-config", dex_oidc_config.INTERFACE, required=True
        )
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                self.peers,
                self.holder,
                self.secret,
                self.client,
                self.dex,
                charmkit.ServicePorts(self, lambda: [charmkit.Port("http", PORT)]),
                charmkit.Requirer(self, "ingress", ingress.INTERFACE, self._route),
                charmkit.Requirer(self, "ingress-auth", ingress_auth.INTERFACE, self._authorizer),
                charmkit.Workload(
                    self,
                    "oidc-authservice",
                    self._layer,
                    files=self._files,
                    owned=[CA_DIRECTORY],
                    serves=self.holder.here,
                ),
                charmkit.LogForwarding(self),
            ],
        )

    def _new_secret(self) -> dict[str, str]:
        """A new client secret, or the one that a published charm has left in a databag."""
        left = self.peers.data.pop("client-secret", "")
        told = [str(data.get("secret", "")) for data in self.client.said()]
        # A later version of the interface has a secret's id there.
        values = [value for value in (left, *told) if value and not value.startswith("secret:")]
        return {"client-secret": values[0] if values else charmkit.random_text()}

    def _client_secret(self) -> str:
        return self.options.value.client_secret or self.secret.content["client-secret"]

    def _client(self) -> oidc_client.Client:
        config = self.options.value
        return oidc_client.Client(
            id=config.client_id,
            name=config.client_name,
            redirect_uris=(f"{PREFIX}/oidc/callback",),
            secret=self._client_secret(),
        )

    def _route(self) -> ingress.Route:
        return ingress.Route(service=self.app.name, port=PORT, prefix=PREFIX, rewrite="/")

    def _authorizer(self) -> ingress_auth.Authorizer:
        return ingress_auth.Authorizer(
            service=self.app.name,
            port=PORT,
            request_headers=("cookie", "X-Auth-Token"),
            response_headers=(USER_HEADER,),
        )

    def _files(self) -> dict[str, charmkit.File]:
        bundle = self.options.value.ca_bundle
        return {CA_BUNDLE: charmkit.File(bundle)} if bundle else {}

    def _layer(self) -> charmkit.Layer:
        service = {
            "override": "replace",
            "summary": "OIDC authentication service",
            "command": f"{HOME}/oidc-authservice",
            "startup": "enabled",
            "working-dir": HOME,
            "environment": self._environment(),
        }
        check = {
            "override": "replace",
            "level": "ready",
            "period": "30s",
            "http": {"url": f"http://localhost:{PROBE_PORT}/"},
        }
        name = "oidc-authservice"
        return {"services": {name: service}, "checks": {f"{name}-ready": check}}

    def _environment(self) -> dict[str, str]:
        """The settings; the provider's URL, and all paths at it, come from the relation."""
        config = self.options.value
        issuer = self.dex.one().issuer_url
        path = urllib.parse.urlsplit(issuer).path.rstrip("/")
        bundle = {"CA_BUNDLE": CA_BUNDLE} if config.ca_bundle else {}
        return {
            "AFTER_LOGIN_URL": "/",
            "AFTER_LOGOUT_URL": "/",
            "AUTHSERVICE_URL_PREFIX": f"{PREFIX}/",
            "CLIENT_ID": config.client_id,
            "CLIENT_SECRET": self._client_secret(),
            "DISABLE_USERINFO": "true",
            "OIDC_AUTH_URL": f"{path}/auth",
            "OIDC_PROVIDER": issuer,
            "OIDC_SCOPES": config.oidc_scopes,
            "OIDC_STATE_STORE_PATH": "oidc_state.db",
            "SERVER_PORT": str(PORT),
            "SESSION_STORE_PATH": "bolt.db",
            "SKIP_AUTH_URLS": ",".join([f"{path}/", *config.skip_auth_urls]),
            "USERID_CLAIM": config.userid_claim,
            "USERID_HEADER": USER_HEADER,
            "USERID_PREFIX": "",
            **bundle,
        }


if __name__ == "__main__":
    ops.main(OidcGatekeeperCharm)

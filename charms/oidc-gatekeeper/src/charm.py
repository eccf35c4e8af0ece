#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""OIDC Gatekeeper: lets nobody pass the gateway who has not logged in."""

from __future__ import annotations

import charmkit
import ops
import provider_paths
from charmkit import pebble
from charmkit.interfaces import dex_oidc_config, ingress, ingress_auth, oidc_client
from gatekeeper_options import GatekeeperConfig

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
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, GatekeeperConfig))
        self.peers = add(charmkit.Peers(self, "client-secret"))
        self.active = add(charmkit.ActiveUnit(self, self.peers))
        self.client = oidc_client.Provider(self, data=self._client)
        self.client_secret = add(
            charmkit.GeneratedSecret(self, self.peers, "client-secret-id", create=self._new_secret)
        )
        add(self.client)
        self.dex = add(dex_oidc_config.Requirer(self, required=True))
        add(charmkit.Manifests(self))
        add(charmkit.ServicePorts(self, ports=lambda: {"http": PORT}))
        add(ingress.Requirer(self, data=self._route))
        add(ingress_auth.Requirer(self, data=self._authorizer))
        add(
            charmkit.Workload(
                self,
                "oidc-authservice",
                layer=self._layer,
                files=self._files,
                managed_dirs=[CA_DIRECTORY],
                enabled=self.active.is_this_unit,
            )
        )
        add(charmkit.Observability(self, forward_logs=lambda: self.options.get().forward_logs))

    def _new_secret(self) -> dict[str, str]:
        """A new client secret, or the one that a published charm has left in a databag."""
        former = self.peers.data.pop("client-secret", "")
        sent = [str(data.get("secret", "")) for data in self.client.published()]
        # A later version of the interface has a secret's id there.
        values = [value for value in (former, *sent) if value and not value.startswith("secret:")]
        return {"client-secret": values[0] if values else charmkit.random_text()}

    def _secret(self) -> str:
        return self.options.get().client_secret or self.client_secret.content["client-secret"]

    def _client(self) -> oidc_client.Client:
        config = self.options.get()
        return oidc_client.Client(
            id=config.client_id,
            name=config.client_name,
            redirect_uris=(f"{PREFIX}/oidc/callback",),
            secret=self._secret(),
        )

    def _route(self) -> ingress.Route:
        return ingress.Route(service=self.app.name, port=PORT, prefix=PREFIX, rewrite="/")

    def _authorizer(self) -> ingress_auth.Authorizer:
        return ingress_auth.Authorizer(
            service=self.app.name,
            port=PORT,
            request_headers=("cookie", "X-Auth-Token"),
            response_headers=(USER_HEADER,),
            exempt_paths=self._exempt_paths(),
        )

    def _exempt_paths(self) -> tuple[str, ...]:
        """What needs no login: the provider's own endpoints, and what the option names."""
        issuer = self.dex.get_or_none()
        own = provider_paths.endpoints(issuer.issuer_url) if issuer else ()
        return (*own, *self.options.get().skip_auth_urls)

    def _files(self) -> dict[str, str]:
        bundle = self.options.get().ca_bundle
        return {CA_BUNDLE: bundle} if bundle else {}

    def _layer(self) -> charmkit.Layer:
        return pebble.layer(
            "oidc-authservice",
            f"{HOME}/oidc-authservice",
            summary="OIDC authentication service",
            environment=self._environment(),
            working_dir=HOME,
            checks=[pebble.http_check(PROBE_PORT, "/")],
        )

    def _environment(self) -> dict[str, str]:
        """The settings; the provider's URL, and all paths at it, come from the relation."""
        config = self.options.get()
        issuer = self.dex.get().issuer_url
        path = provider_paths.base(issuer)
        bundle = {"CA_BUNDLE": CA_BUNDLE} if config.ca_bundle else {}
        return {
            "AFTER_LOGIN_URL": "/",
            "AFTER_LOGOUT_URL": "/",
            "AUTHSERVICE_URL_PREFIX": f"{PREFIX}/",
            "CLIENT_ID": config.client_id,
            "CLIENT_SECRET": self._secret(),
            # Browsers reach a provider below the gateway by the path alone.
            "OIDC_AUTH_URL": f"{path or issuer.rstrip('/')}/auth",
            "OIDC_PROVIDER": issuer,
            "OIDC_SCOPES": config.oidc_scopes,
            "OIDC_STATE_STORE_PATH": "oidc_state.db",
            "SERVER_PORT": str(PORT),
            "SESSION_STORE_PATH": "bolt.db",
            "SKIP_AUTH_URLS": ",".join(self._exempt_paths()),
            "USERID_CLAIM": config.userid_claim,
            "USERID_HEADER": USER_HEADER,
            "USERID_PREFIX": "",
            **bundle,
        }


if __name__ == "__main__":
    ops.main(OidcGatekeeperCharm)

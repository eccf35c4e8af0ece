#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""OIDC Gatekeeper: lets nobody pass the gateway who has not logged in."""

from __future__ import annotations

import authservice
import charmkit
import ops
import provider_paths
from authservice import PORT, PREFIX, USER_HEADER
from charmkit.interfaces import dex_oidc_config, ingress, ingress_auth, oidc_client
from gatekeeper_options import GatekeeperConfig


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
                managed_dirs=[authservice.CA_DIRECTORY],
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
        return {authservice.CA_BUNDLE: bundle} if bundle else {}

    def _layer(self) -> charmkit.Layer:
        return authservice.layer(
            self.options.get(),
            issuer=self.dex.get().issuer_url,
            secret=self._secret(),
            exempt_paths=self._exempt_paths(),
        )


if __name__ == "__main__":
    ops.main(OidcGatekeeperCharm)

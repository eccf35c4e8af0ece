#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Dex: OpenID Connect provider of the platform."""

from __future__ import annotations

import charmkit
import dex_config
import ops
from charmkit.interfaces import dex_oidc_config, ingress, oidc_client
from dex_options import METRICS_PORT, DexConfig
from static_user import StaticUser


class DexAuthCharm(ops.CharmBase):
    """Runs Dex on every unit; its state is in custom resources, its user in a Juju secret."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, DexConfig))
        self.peers = add(charmkit.Peers(self))
        self.user = add(StaticUser(self, self.peers, config=self.options.get))
        # Dex itself has defined its resources where the published charm runs it.
        add(charmkit.Manifests(self, legacy=charmkit.Legacy(managers=("dex",))))
        add(charmkit.ServicePorts(self, ports=self._ports))
        add(dex_oidc_config.Provider(self, data=self._oidc_config))
        self.ingress = add(ingress.Requirer(self, data=self._route))
        self.clients = add(oidc_client.Requirer(self))
        add(charmkit.Workload(self, "dex", layer=self._layer, files=self._files))
        add(charmkit.Observability(self, jobs=lambda: [METRICS_PORT]))
        framework.observe(self.on.get_credentials_action, self._on_get_credentials)

    def _on_get_credentials(self, event: ops.ActionEvent) -> None:
        try:
            config = self.options.get()
            password = config.static_password or self.user.content["password"]
            event.set_results({"username": config.username, "password": password})
        except charmkit.NotReady as reason:
            event.fail(reason.message)

    @property
    def _issuer(self) -> str:
        """The one place where the URL of Dex is decided; everybody else gets it by relation."""
        config = self.options.get()
        given = config.issuer_url or config.public_url
        gateway = self._gateway() if config.public_issuer and not given else ""
        return dex_config.issuer(config, f"{self.app.name}.{self.model.name}.svc", gateway)

    def _gateway(self) -> str:
        """The gateway's URL, as far as those outside the cluster are concerned."""
        gateway = self.ingress.get_or_none()
        if gateway is None:
            raise charmkit.Blocked("option public-issuer: relate ingress")
        if gateway.url == "":
            raise charmkit.Blocked(
                "option public-issuer: the gateway has no address outside the cluster: set"
                " issuer-url, or csr-domain-name of istio-pilot, or give it a load balancer"
            )
        if gateway.url is None:
            raise charmkit.Waiting("option public-issuer: waiting for the gateway's address")
        return gateway.url

    def _ports(self) -> dict[str, int]:
        return {
            "http-dex": self.options.get().port,
            "http-metrics": METRICS_PORT,
        }

    def _oidc_config(self) -> dex_oidc_config.OidcConfig:
        return dex_oidc_config.OidcConfig(self._issuer)

    def _route(self) -> ingress.Route:
        path = dex_config.path(self._issuer)
        port = self.options.get().port
        return ingress.Route(service=self.app.name, port=port, prefix=path, rewrite=path)

    def _files(self) -> dict[str, charmkit.File]:
        clients = self.clients.by_app().values()
        user = self.user.content
        text = dex_config.config_file(self.options.get(), self._issuer, user, clients)
        return {dex_config.PATH: charmkit.File(text, mode=0o600)}

    def _layer(self) -> charmkit.Layer:
        return dex_config.layer(self.model.name)


if __name__ == "__main__":
    ops.main(DexAuthCharm)

#!/usr/bin/env python3
"""Dex: OpenID Connect provider of the platform."""

from __future__ import annotations

from collections.abc import Callable

import charmkit
import dex_config
import ops
from charmkit import observability
from charmkit.interfaces import dex_oidc_config, ingress, oidc_client
from dex_options import METRICS_PORT, DexOptions


class StaticUser(charmkit.KeptSecret):
    """The static user. A password from the options is hashed once, and not in every hook.

    Args:
        charm: the charm.
        peers: where the secret's id is recorded.
        config: returns the options.
    """

    def __init__(
        self, charm: ops.CharmBase, peers: charmkit.Peers, config: Callable[[], DexOptions]
    ) -> None:
        super().__init__(charm, peers, "static-user", dex_config.new_user)
        self._config = config

    def reconcile(self) -> None:
        """Make the user, and remember the hash."""
        super().reconcile()
        if self.charm.unit.is_leader():
            user = dex_config.remembered(self._config(), self.content)
            if user != self.content:
                self.replace(user)


class DexAuthCharm(ops.CharmBase):
    """Runs Dex on every unit; its state is in custom resources, its user in a Juju secret."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, DexOptions)
        self.peers = charmkit.Peers(self)
        self.user = StaticUser(self, self.peers, lambda: self.options.value)
        self.ingress = charmkit.Requirer(self, "ingress", ingress.INTERFACE, self._route)
        self.clients = charmkit.Requirer(self, "oidc-client", oidc_client.INTERFACE)
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                self.peers,
                self.user,
                charmkit.Manifests(self),
                charmkit.ServicePorts(self, self._ports),
                charmkit.Provider(
                    self, "dex-oidc-config", dex_oidc_config.INTERFACE, self._oidc_config
                ),
                self.ingress,
                self.clients,
                charmkit.Workload(self, "dex", self._layer, files=self._files),
                charmkit.MetricsEndpoint(self, lambda: [observability.job(METRICS_PORT)]),
                charmkit.GrafanaDashboards(self),
                charmkit.LogForwarding(self),
            ],
        )
        framework.observe(self.on.get_credentials_action, self._on_get_credentials)

    def _on_get_credentials(self, event: ops.ActionEvent) -> None:
        try:
            config = self.options.value
            password = config.static_password or self.user.content["password"]
            event.set_results({"username": config.username, "password": password})
        except charmkit.NotReady as reason:
            event.fail(reason.message)

    @property
    def _issuer(self) -> str:
        """The one place where the URL of Dex is decided; everybody else is told by relation."""
        config = self.options.value
        given = config.issuer_url or config.public_url
        gateway = self._gateway() if config.public_issuer and not given else ""
        return dex_config.issuer(config, f"{self.app.name}.{self.model.name}.svc", gateway)

    def _gateway(self) -> str:
        """The gateway's URL, as far as those outside the cluster are concerned."""
        door = self.ingress.optional()
        if door is None:
            raise charmkit.Blocked("option public-issuer: relate ingress")
        if not door.url:
            raise charmkit.Waiting("option public-issuer: waiting for the gateway's address")
        return door.url

    def _ports(self) -> list[charmkit.Port]:
        return [
            charmkit.Port("http-dex", self.options.value.port),
            charmkit.Port("http-metrics", METRICS_PORT),
        ]

    def _oidc_config(self) -> dex_oidc_config.OidcConfig:
        return dex_oidc_config.OidcConfig(self._issuer)

    def _route(self) -> ingress.Route:
        path = dex_config.path(self._issuer)
        port = self.options.value.port
        return ingress.Route(service=self.app.name, port=port, prefix=path, rewrite=path)

    def _files(self) -> dict[str, charmkit.File]:
        clients = self.clients.all().values()
        user = self.user.content
        text = dex_config.config_file(self.options.value, self._issuer, user, clients)
        return {dex_config.PATH: charmkit.File(text, mode=0o600)}

    def _layer(self) -> charmkit.Layer:
        service = {
            "override": "replace",
            "summary": "Dex",
            "command": f"/usr/local/bin/docker-entrypoint dex serve {dex_config.PATH}",
            "startup": "enabled",
            "environment": {"KUBERNETES_POD_NAMESPACE": self.model.name},
        }
        check = {
            "override": "replace",
            "level": "ready",
            "period": "30s",
            "http": {"url": f"http://localhost:{METRICS_PORT}/healthz/ready"},
        }
        return {"services": {"dex": service}, "checks": {"dex-ready": check}}


if __name__ == "__main__":
    ops.main(DexAuthCharm)

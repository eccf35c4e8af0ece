# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A charm of all trades: it uses everything that Juju gives to a charm."""

import json
import logging
import pathlib

import ops
from charms.jack.names import LABEL  # pyright: ignore[reportMissingImports]

logger = logging.getLogger(__name__)
NAMESPACE = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"


class Jack(ops.CharmBase):
    _stored = ops.StoredState()

    def __init__(self, framework):
        super().__init__(framework)
        self._stored.set_default(hooks=0)
        self._stored.hooks += 1
        on = self.on
        for event in (on.config_changed, on.app_pebble_ready, on.secret_changed):
            framework.observe(event, self._reconcile)
        for name in ("give", "take"):
            framework.observe(on[name].relation_changed, self._reconcile)
            framework.observe(on[name].relation_created, self._reconcile)
        framework.observe(on.install, self._install)
        framework.observe(on.start, self._start)
        framework.observe(on.data_storage_attached, self._attached)
        framework.observe(on.greet_action, self._greet)

    def _install(self, event):
        logger.warning("installing in %s", pathlib.Path(NAMESPACE).read_text())
        event.defer()

    def _start(self, _):
        self.unit.set_ports(8080)
        self.unit.set_workload_version("7.5")

    def _attached(self, event):
        (pathlib.Path(event.storage.location) / "seen").write_text(event.storage.name)

    def _reconcile(self, _):
        self._give()
        self._serve()
        if self.unit.is_leader():
            self.app.status = ops.ActiveStatus("led")
        self.unit.status = ops.ActiveStatus(f"{self.config['motd']} {self._taken()}".strip())

    def _give(self):
        for relation in self.model.relations["give"]:
            relation.data[self.unit]["from"] = self.unit.name
            if self.unit.is_leader():
                secret = self._secret()
                secret.grant(relation)
                relation.data[self.app]["secret"] = str(secret.id)

    def _secret(self):
        try:
            return self.model.get_secret(label=LABEL)
        except ops.SecretNotFoundError:
            return self.app.add_secret({"password": "s3cret value"}, label=LABEL)

    def _taken(self):
        for relation in self.model.relations["take"]:
            address = relation.data[relation.app].get("secret")
            if address:
                content = self.model.get_secret(id=address).get_content(refresh=True)
                givers = sorted(relation.data[unit].get("from", "") for unit in relation.units)
                return f"{content['password']} of {' '.join(givers)}"
        return ""

    def _serve(self):
        app = self.unit.get_container("app")
        if not app.can_connect():
            return
        motd = str(self.config["motd"])
        service: ops.pebble.ServiceDict = {
            "override": "replace",
            "command": f"serve {motd}",
            "startup": "enabled",
        }
        app.add_layer("jack", {"services": {"serve": service}}, combine=True)
        app.replan()
        app.push("/etc/jack/motd", motd, make_dirs=True, permissions=0o600)

    def _greet(self, event):
        event.log("greeting")
        if event.params["fail"]:
            event.fail("asked to")
            return
        app = self.unit.get_container("app")
        said, _ = app.exec(["greet", event.params["name"]]).wait_output()
        unknown = 0
        try:
            app.exec(["unknown"]).wait()
        except ops.pebble.APIError as error:
            unknown = error.code
        files = [item.name for item in app.list_files("/etc/jack")]
        with app.pull("/etc/jack/motd") as file:
            motd = file.read()
        network = self.model.get_binding("give").network
        event.set_results(
            {
                "said": said,
                "about": {"motd": motd, "files": json.dumps(files), "unknown": unknown},
                "hooks": self._stored.hooks,
                "storage": (
                    pathlib.Path(self.model.storages["data"][0].location) / "seen"
                ).exists(),
                "address": str(network.bind_address),
                "planned": self.app.planned_units(),
                "services": json.dumps(
                    [name for name, s in app.get_services().items() if s.is_running()]
                ),
                "ops": ops.__version__ if hasattr(ops, "__version__") else ops.version.version,
            }
        )


if __name__ == "__main__":
    ops.main(Jack)

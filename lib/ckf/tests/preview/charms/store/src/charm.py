# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

import base64
import json
import sys

import ops


class Store(ops.CharmBase):
    def __init__(self, framework):
        super().__init__(framework)
        for event in (
            self.on.install,
            self.on.config_changed,
            self.on.update_status,
            self.on.web_pebble_ready,
            self.on.kv_relation_created,
        ):
            framework.observe(event, self._reconcile)

    def _reconcile(self, event):
        sys.stdout.write("printed by the charm\n")
        fail = str(self.config["fail"])
        if fail and fail in str(type(event)):
            raise RuntimeError(f"planted\nwith the password {self.config['password']}")
        self._serve()
        self._share()
        self.unit.set_ports(int(self.config["port"]))
        self.unit.status = ops.ActiveStatus(str(self.config["motd"]))

    def _serve(self):
        web = self.unit.get_container("web")
        if not web.can_connect():
            return
        password = str(self.config["password"])
        service: ops.pebble.ServiceDict = {
            "override": "replace",
            "command": "serve",
            "startup": "enabled",
            "environment": {
                "PASSWORD": password,
                "NAME": "store",
                "LINK": f"http://u:{password}@x",
            },
        }
        web.add_layer("web", {"services": {"web": service}}, combine=True)
        web.replan()
        encoded = base64.b64encode(password.encode()).decode()
        text = json.dumps({"password": password, "encoded": encoded, "user": "store"})
        web.push("/etc/store/web.json", text, make_dirs=True)
        web.push("/etc/store/blob", b"\xff\x00" + password.encode(), make_dirs=True)

    def _share(self):
        for relation in self.model.relations["kv"]:
            if self.unit.is_leader():
                bag = relation.data[self.app]
                bag["url"] = f"http://store:{self.config['port']}"
                bag["password"] = str(self.config["password"])

# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

import pathlib

import greeting
import ops

STATE = "/data/state"


class Server(ops.CharmBase):
    kept = ops.StoredState()

    def __init__(self, framework):
        super().__init__(framework)
        self.kept.set_default(hooks=0)
        for name, event in self.on.events().items():
            if issubclass(event.event_type, ops.HookEvent):
                framework.observe(getattr(self.on, name), self._reconcile)
        framework.observe(self.on.greet_action, self._greet)
        framework.observe(self.on.refuse_action, self._refuse)
        framework.observe(self.on.collect_unit_status, self._status)

    def _reconcile(self, _):
        self.kept.hooks += 1
        self.unit.set_ports(int(self.config["port"]))
        self.unit.set_workload_version("1.2")
        for relation in self.model.relations["api"]:
            if self.unit.is_leader() and relation.active:
                relation.data[self.app]["port"] = str(self.config["port"])
            if relation.active:
                relation.data[self.unit]["name"] = self.unit.name
        self._run_web()

    def _run_web(self):
        web = self.unit.get_container("web")
        if not web.can_connect():
            return
        web.push("/etc/web.conf", f"port {self.config['port']}\n", make_dirs=True)
        if not web.exists(STATE):
            web.push(STATE, "born")
        service: ops.pebble.ServiceDict = {
            "override": "replace",
            "command": "web",
            "startup": "enabled",
            "environment": {"PORT": str(self.config["port"])},
        }
        check: ops.pebble.CheckDict = {
            "override": "replace",
            "http": {"url": "http://localhost/"},
            "threshold": 2,
        }
        web.add_layer("web", {"services": {"web": service}, "checks": {"up": check}}, combine=True)
        web.replan()

    def _greet(self, event):
        event.log("greeting")
        text = greeting.greet(event.params["who"], event.params["times"])
        event.set_results({"text": text, "template": (pathlib.Path("src/hello.txt")).read_text()})

    def _refuse(self, event):
        event.fail("no")

    def _status(self, event):
        web = self.unit.get_container("web")
        if not web.can_connect():
            event.add_status(ops.WaitingStatus("waiting for Pebble"))
        elif any(
            check.status is ops.pebble.CheckStatus.DOWN for check in web.get_checks().values()
        ):
            event.add_status(ops.WaitingStatus("web is not healthy"))
        event.add_status(ops.ActiveStatus())

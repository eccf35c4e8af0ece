# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The least that a charm with the endpoints of another can do with ops and lightkube.

It reads its options, learns which relations it has and what kind of unit it is, lists one kind of
object, and sets a status. No databag is read, nothing is rendered or compared. What this costs, no
charm that reconciles can go below.
"""

from __future__ import annotations

import logging

import ops


class BareCharm(ops.CharmBase):
    """Asks what ops asks for every relation, and the cluster once."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        framework.observe(self.on.update_status, self._on_update_status)

    def _on_update_status(self, _: ops.UpdateStatusEvent) -> None:
        # Each log line is a process.
        logging.getLogger().setLevel(logging.WARNING)
        dict(self.config)
        self.unit.is_leader()
        for endpoint in self.meta.relations:
            list(self.model.relations[endpoint])
        self._list_config_maps()
        self.unit.status = ops.ActiveStatus()

    def _list_config_maps(self) -> None:
        # A process imports its client when it is used, as charmkit does.
        import lightkube
        from lightkube import generic_resource

        info = generic_resource.create_api_info("", "v1", "ConfigMap", "configmaps")  # pyright: ignore[reportUnknownMemberType]
        kind = type(
            "ConfigMap", (generic_resource.GenericNamespacedResource,), {"_api_info": info}
        )
        list(lightkube.Client().list(kind))


if __name__ == "__main__":
    # What ops logs while it starts.
    logging.disable(logging.DEBUG)
    ops.main(BareCharm)

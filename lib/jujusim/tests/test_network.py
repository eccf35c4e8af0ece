# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Addresses."""

import jujusim

CODE = """
    import ops
    class C(ops.CharmBase):
        def __init__(self, framework):
            super().__init__(framework)
            framework.observe(self.on.config_changed, self._on)
        def _on(self, _):
            binding = self.model.get_binding("api")
            network = binding.network
            self.unit.status = ops.ActiveStatus(
                f"{network.bind_address} {network.ingress_address} {network.egress_subnets[0]}"
            )
"""


def test_one_address_for_every_binding(model, write_charm):
    path = write_charm(
        "net",
        {
            "charmcraft.yaml": "name: net\nprovides: {api: {interface: http}}",
            "src/charm.py": CODE,
        },
    )
    model.deploy(jujusim.CharmDir.load(path), units=2)
    model.settle()
    addresses = [unit.address for unit in model.units.values()]
    assert len(set(addresses)) == 2
    for unit in model.units.values():
        address = unit.address
        assert unit.status.message == f"{address} {address} {address}/32"

"""The addresses that a load balancer gives, one for each Service that asks."""

from collections.abc import Iterable

from .values import Object, at

MANAGER = "load-balancer"
"""Who the addresses' fields belong to."""

FIRST = 43
"""Of 10.64.140.0/24: where the addresses begin that MicroK8s' documentation gives to MetalLB."""


def has_address(service: Object) -> bool:
    """Whether a Service has an address from outside the cluster."""
    return bool(at(service, "status", "loadBalancer", "ingress"))


def status(services: Iterable[Object]) -> Object:
    """Return the status of a Service that gets the lowest address which no other has.

    Args:
        services: Every Service of the cluster.
    """
    taken = {
        entry["ip"]
        for service in services
        for entry in at(service, "status", "loadBalancer", "ingress") or ()
    }
    every = (f"10.64.140.{number}" for number in range(FIRST, 255))
    address = next(address for address in every if address not in taken)
    return {"loadBalancer": {"ingress": [{"ip": address, "ipMode": "VIP"}]}}

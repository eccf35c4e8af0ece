"""What Juju itself creates in Kubernetes for a model and its applications."""

from __future__ import annotations

from ckf.juju.entities import Application, Unit


class Objects:
    """Nothing: the objects of a model without a cluster."""

    def add_app(self, app: Application) -> None:
        """An application has been deployed."""

    def remove_app(self, app: Application) -> None:
        """An application is gone."""

    def add_unit(self, unit: Unit) -> None:
        """A unit's pod starts."""

    def replace_pod(self, unit: Unit) -> None:
        """A unit has a new pod."""

    def remove_unit(self, unit: Unit) -> None:
        """A unit is gone."""

    def set_ports(self, app: Application) -> None:
        """The ports that an application's units have opened may have changed."""

# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The content of a model, on which verbs, hooks and disruptions work."""

from __future__ import annotations

import contextlib
import datetime
import pathlib
import random
import tempfile
import uuid
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from ops import testing

from . import seeded, versions
from .cluster_backend import ClusterBackend
from .entities import Application, Relation, Unit
from .provisioner import Provisioner
from .rights import Granted, Rules, account, juju_rules
from .secrets import Store
from .trace import Record, Trace

if TYPE_CHECKING:
    from kubefake.transport import AnyTransport

IMAGES = "docker.io/jujusolutions"
"""Where Juju has its own images (cloudconfig/podcfg/image.go)."""

_ID_LETTERS = "0123456789abcdefghijklmnopqrstuv"


class Objects:
    """Nothing: the objects of a model without a cluster."""

    def add_model(self) -> None:
        """The model has been made."""

    def add_app(self, app: Application) -> None:
        """An application has been deployed, or its trust has changed."""

    def remove_app(self, app: Application) -> None:
        """An application is gone."""

    def remove_model(self) -> None:
        """The last application of a model that is destroyed is gone."""

    def add_unit(self, unit: Unit) -> None:
        """A unit's pod starts."""

    def replace_pod(self, unit: Unit) -> None:
        """A unit has a new pod."""

    def update(self, unit: Unit) -> None:
        """A hook of a unit has run: ports it opened and its pod's readiness may have changed."""

    def noticed(self) -> bool:
        """Tell whether programs have done something that update-status lets charms see."""
        return False

    def remove_unit(self, unit: Unit) -> None:
        """A unit is gone."""


class ModelState:
    """The content of a model.

    Attributes:
        random: The source of every choice.
        progress: How many hooks have succeeded.
        elapsed: By how much `advance` has moved the clock.
        image_repo: Where Juju's own images are: the controller's option caas-image-repo.
        destroyed: Whether the model is going, or gone.
        provisioner: What Juju does in the cluster beside the hooks.
        objects: What Juju itself has in the cluster.
        faults: What goes wrong, a `faults.Faults`; its log says what did.
    """

    def __init__(
        self,
        name: str,
        seed: int,
        backend: ClusterBackend | None,
        juju_version: str,
        granted: Granted | None,
        *,
        real_time: bool,
    ):
        self.name = name
        self._granted = granted
        self.seed = seed
        self.juju_version = juju_version
        self.image_repo = IMAGES
        self.backend = backend
        self.apps: dict[str, Application] = {}
        self.relations: dict[int, Relation] = {}
        self.trace = Trace()
        self.progress = 0
        self.random = random.Random(f"order {seed}")  # noqa: S311
        self._names = random.Random(f"names {seed}")  # noqa: S311
        self._values: dict[str, random.Random] = {}
        self._real_time = real_time
        self.uuid = str(uuid.UUID(int=self._names.getrandbits(128), version=4))
        self.elapsed = datetime.timedelta()
        self.secrets = Store(
            self._new_secret_id,
            lambda: self.now,
            drops_grants=versions.drops_grants(juju_version),
        )
        self.scenario_model = testing.Model(name, uuid=self.uuid, type="kubernetes")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ckf-model-"))
        self._next_address = 0
        self._storage_numbers: dict[pathlib.Path, int] = {}
        self.destroyed = False
        self.next_relation = 0
        self.provisioner = Provisioner(seed, lambda: len(self.trace))
        self.objects = Objects()
        self.faults: Any = None

    @property
    def units(self) -> dict[str, Unit]:
        """All units by name."""
        return {unit.name: unit for app in self.apps.values() for unit in app.units.values()}

    @property
    def now(self) -> datetime.datetime:
        """The model's time, which charms in this process see too, with what `advance` added."""
        if self._real_time:
            return datetime.datetime.now(datetime.timezone.utc) + self.elapsed
        return seeded.START + self.elapsed

    def update_status(self) -> None:
        """Let every unit run ``update-status`` when it has nothing else to do."""
        for unit in self.units.values():
            unit.update_status_due = unit.started and not unit.dying

    def secret_label(self, unit: Unit, secret_id: str) -> str:
        """Return the label by which a unit knows a secret."""
        secret = self.secrets.secrets.get(secret_id)
        if secret is None:
            return ""
        if secret.owned_by(unit):
            return secret.label
        consumer = secret.consumers.get(unit.name)
        return consumer.label if consumer else ""

    @contextlib.contextmanager
    def recording(self, record: Record, unit: Unit) -> Generator[None]:
        """Note in the record what happens in the cluster and in the unit's containers."""
        since = self.backend.position() if self.backend else 0
        yield
        if self.backend:
            record.kubernetes = self.backend.writes(since, account(self.name, unit.app.name))
        record.pebble = {
            name: pebble.journal[:] for name, pebble in unit.containers.items() if pebble.journal
        }
        for pebble in unit.containers.values():
            pebble.journal.clear()

    def new_address(self) -> str:
        """Return an address that no pod has had."""
        self._next_address += 1
        high, low = divmod(self._next_address, 250)
        return f"10.1.{high}.{low + 2}"

    def storage_number(self, path: pathlib.Path) -> int:
        """Return the number of the storage at ``path``; it keeps it when its unit comes back."""
        return self._storage_numbers.setdefault(path, len(self._storage_numbers))

    def surroundings(self, app: Application) -> contextlib.AbstractContextManager[Any]:
        """In which an application's hooks run: their clients talk to the model's cluster."""
        if self.backend is None:
            return contextlib.nullcontext()
        return self.backend.connected(account(self.name, app.name), self.name)

    def transport(self, app: Application) -> AnyTransport | None:
        """Return what carries requests to the model's cluster as an application's account."""
        return self.backend.transport(account(self.name, app.name)) if self.backend else None

    def values(self, app: Application) -> random.Random:
        """Return what an application's charm draws from: no other application changes it."""
        return self._values.setdefault(
            app.name,
            random.Random(f"values {self.seed} {app.name}"),  # noqa: S311
        )

    def uuid_part(self) -> str:
        """Return eight letters as Juju puts them into the names of volume claims."""
        return f"{self._names.getrandbits(32):08x}"

    def rules(self, app: Application) -> tuple[Rules, Rules]:
        """Return an account's rules in the namespace and in the whole cluster."""
        if self._granted is not None:
            return self._granted.get(app.name, ((), ()))
        return juju_rules(self.name, trust=app.trust)

    def _rules(self, app: str) -> tuple[Rules, Rules] | None:
        return self.rules(self.apps[app]) if app in self.apps else None

    def _new_secret_id(self) -> str:
        return "".join(self._names.choice(_ID_LETTERS) for _ in range(20))

# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Fake of mysql-k8s: hands out users and databases, and runs no database.

What it takes over from the real charm: it gives credentials only once its workload is up; each
relation gets a user and a password of its own, in a Juju secret that is granted to the relation
(``secret-user``), or in clear (``username``, ``password``) if the other side asks for no secrets;
``endpoints`` is one host, with the dot that ends a full name, and port; credentials survive a new
pod; a relation's secret is removed with the relation. More units change nothing: the leader writes
and the endpoint is a Service, so that nothing is written when another unit becomes the primary.

The action ``rotate`` gives every relation a new password; the option ``tls-ca`` makes the server
one with a certificate of that CA (``secret-tls``).
"""

from __future__ import annotations

import contextlib
import json
import secrets

import ops
from jujusim.stand_in import StandIn

PORT = 3306
LABEL = "database.{}.user.secret"
TLS_LABEL = "database.{}.tls.secret"


class MySQL(StandIn):
    """A provider of mysql_client."""

    container = "mysql"
    endpoints = ("database",)
    _stored = ops.StoredState()

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self._stored.set_default(is_leaving=False)
        database = self.on["database"]
        framework.observe(self.on.secret_remove, self._drop)
        framework.observe(database.relation_departed, self._note_departure)
        framework.observe(database.relation_broken, self._forget)
        framework.observe(self.on.rotate_action, self._rotate)

    def reconcile(self, _: ops.EventBase) -> None:
        """Serve every relation, once the workload is up."""
        if self.unit.get_container("mysql").can_connect():
            self.serve("mysqld", "mysqld_safe")
            if self.unit.is_leader():
                for relation in self.active("database"):
                    self._serve(relation)

    def _serve(self, relation: ops.Relation) -> None:
        """Give a relation what it asks for, once it asks."""
        asked, given = relation.data[relation.app], relation.data[self.app]
        name = asked.get("database")
        if not name:
            return
        if "secret-user" not in given and "username" not in given:
            self._give_credentials(relation)
        self._give_ca(relation)
        domain = f"{self.model.name}.svc.cluster.local."
        given.update(
            {
                "database": name,
                "endpoints": f"{self.app.name}-primary.{domain}:{PORT}",
                "read-only-endpoints": f"{self.app.name}-replicas.{domain}:{PORT}",
                "version": "8.0.36",
            }
        )

    def _give_ca(self, relation: ops.Relation) -> None:
        ca, given = str(self.config["tls-ca"]), relation.data[self.app]
        if ca and "secret-tls" not in given:
            content = {"tls": "True", "tls-ca": ca}
            secret = self.app.add_secret(content, label=TLS_LABEL.format(relation.id))
            secret.grant(relation)
            given["secret-tls"] = str(secret.id)

    def _rotate(self, _: ops.ActionEvent) -> None:
        for relation in self.model.relations["database"]:
            secret = self.model.get_secret(label=LABEL.format(relation.id))
            content = secret.peek_content()
            secret.set_content({**content, "password": secrets.token_urlsafe(18)})

    def _give_credentials(self, relation: ops.Relation) -> None:
        asked, given = relation.data[relation.app], relation.data[self.app]
        user = f"relation-{relation.id}_{secrets.token_hex(8)}"[:26]
        credentials = {"username": user, "password": secrets.token_urlsafe(18)}
        if "username" in json.loads(asked.get("requested-secrets", "[]")):
            secret = self.app.add_secret(credentials, label=LABEL.format(relation.id))
            secret.grant(relation)
            given["secret-user"] = str(secret.id)
        else:
            given.update(credentials)

    def _note_departure(self, event: ops.RelationDepartedEvent) -> None:
        self._stored.is_leaving = event.departing_unit == self.unit

    def _forget(self, event: ops.RelationBrokenEvent) -> None:
        """Remove a user; to a unit that leaves, the relation only seems to go."""
        if self._stored.is_leaving or not self.unit.is_leader():
            return
        for label in (LABEL, TLS_LABEL):
            with contextlib.suppress(ops.SecretNotFoundError):
                secret = self.model.get_secret(label=label.format(event.relation.id))
                secret.remove_all_revisions()

    def _drop(self, event: ops.SecretRemoveEvent) -> None:
        event.remove_revision()

    def report(self, event: ops.CollectStatusEvent) -> None:
        """Say which unit is the primary."""
        if self.unit.is_leader() and self.unit.get_container("mysql").can_connect():
            event.add_status(ops.ActiveStatus("Primary"))
        else:
            super().report(event)

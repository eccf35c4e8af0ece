# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

import datetime

import ops


class Keeper(ops.CharmBase):
    def __init__(self, framework):
        super().__init__(framework)
        observe = framework.observe
        for event in (self.on.leader_elected, self.on.start, self.on.credentials_relation_created):
            observe(event, self._share)
        observe(self.on.secret_rotate, self._renew)
        observe(self.on.secret_expired, self._renew)
        observe(self.on.secret_remove, self._remove)
        observe(self.on.renew_action, self._renew)
        observe(self.on.forget_action, self._forget)

    def _secret(self):
        try:
            return self.model.get_secret(label="password")
        except ops.SecretNotFoundError:
            return self.app.add_secret(
                {"password": "first-password"},
                label="password",
                rotate=ops.SecretRotate.DAILY,
                expire=datetime.timedelta(days=30),
            )

    def _share(self, _):
        self.unit.status = ops.ActiveStatus()
        if not self.unit.is_leader():
            return
        secret = self._secret()
        for relation in self.model.relations["credentials"]:
            secret.grant(relation)
            relation.data[self.app]["secret"] = str(secret.id)

    def _renew(self, _):
        secret = self._secret()
        number = secret.get_info().revision + 1
        secret.set_content({"password": f"password-{number}"})
        # The owner tracks a revision too, as soon as it has looked at the secret.
        assert secret.get_content(refresh=True)["password"] == f"password-{number}"

    def _remove(self, event):
        event.remove_revision()

    def _forget(self, _):
        self._secret().remove_all_revisions()

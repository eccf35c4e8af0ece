# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""An authority that signs what it is asked to by `tls-certificates`, as charms of Charmhub do.

It signs each request once, and keeps what it has signed as long as it is asked for. Its option
`does` decides: `sign`, `wait` (it answers no new request) or `refuse` (what it signs is revoked).

Source: the charm library tls_certificates_interface.v3.tls_certificates.
"""

from __future__ import annotations

import pathlib

import jujusim
import yaml

NAME = "authority"
META = {
    "name": NAME,
    "provides": {"certificates": {"interface": "tls-certificates"}},
    "config": {
        "options": {
            "does": {"type": "string", "default": "sign"},
            "days": {"type": "int", "default": 90},
        }
    },
}
CHARM = """
import datetime
import json

import ops
from charmkit import x509 as certificates
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization


class Authority(ops.CharmBase):
    def __init__(self, framework):
        super().__init__(framework)
        ends = self.on["certificates"]
        for event in (self.on.config_changed, self.on.update_status, ends.relation_changed):
            framework.observe(event, self._on_any_event)
        framework.observe(ends.relation_departed, self._on_any_event)

    def _on_any_event(self, _):
        self.unit.status = ops.ActiveStatus()
        for relation in self.model.relations["certificates"]:
            said = json.loads(relation.data[self.app].get("certificates", "[]"))
            known = {item["certificate_signing_request"]: item for item in said}
            asked = [text for unit in relation.units for text in self._asked(relation, unit)]
            given = [known.get(text) or self._signed(text) for text in dict.fromkeys(asked)]
            said = [item for item in given if item]
            relation.data[self.app]["certificates"] = json.dumps(said)

    def _asked(self, relation, unit):
        text = relation.data[unit].get("certificate_signing_requests", "[]")
        return [item["certificate_signing_request"] for item in json.loads(text)]

    def _signed(self, text):
        if self.config["does"] == "wait":
            return None
        authority = certificates.new_ca("authority")
        issuer = x509.load_pem_x509_certificate(authority.certificate.encode())
        key = serialization.load_pem_private_key(authority.key.encode(), password=None)
        request = x509.load_pem_x509_csr(text.encode())
        now = certificates.now()
        builder = x509.CertificateBuilder(
            issuer_name=issuer.subject,
            subject_name=request.subject,
            public_key=request.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now,
            not_valid_after=now + datetime.timedelta(days=self.config["days"]),
        )
        made = builder.sign(key, hashes.SHA256())
        return {
            "certificate_signing_request": text,
            "certificate": made.public_bytes(serialization.Encoding.PEM).decode().strip(),
            "ca": authority.certificate,
            "chain": [authority.certificate],
            "revoked": self.config["does"] == "refuse",
        }
"""


def charm(folder: pathlib.Path) -> jujusim.CharmDir:
    """The charm, made in a folder."""
    (folder / "src").mkdir(parents=True)
    (folder / "charmcraft.yaml").write_text(yaml.safe_dump(META))
    (folder / "src/charm.py").write_text(CHARM)
    return jujusim.CharmDir.load(folder)

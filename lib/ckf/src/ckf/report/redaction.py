# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Secrets are not shown: which values they are, and how they are taken out of a text."""

import base64
import json
import re
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import jujusim
import yaml

from ..preview import Deployment, cluster

REDACTED = "********"

# Shorter values would take characters out of ordinary words; their keys tell what they are.
_SHORTEST = 8
_NAMES = re.compile(
    r"(passw(or)?d|bindpw|secret|secret[-_]?key|private[-_]?key|(ssl|tls)[-_]key|token)$",
    re.IGNORECASE,
)
# Of a generated key or a hash the values in the model are only parts, or none at all.
_PATTERNS = (
    re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL
    ),
    re.compile(r"\$2[aby]?\$\d\d\$[./A-Za-z0-9]{53}"),
)


def is_secret_name(name: str) -> bool:
    """Tell whether what an option, an environment variable or a databag key names is a secret."""
    return bool(_NAMES.search(name))


class Redactor:
    """Takes secrets out of texts and of values as JSON has them."""

    def __init__(self, values: Iterable[str] = (), *, active: bool = True):
        self.active = active
        forms = {form for value in values if len(value) >= _SHORTEST for form in _forms(value)}
        # The longest first, so that one inside another does not spoil it.
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._known = re.compile("|".join(map(_pattern, ordered))) if ordered else None

    def text(self, text: str) -> str:
        """Return a text without them."""
        if not self.active:
            return text
        for pattern in _PATTERNS:
            text = pattern.sub(REDACTED, text)
        return self._known.sub(REDACTED, text) if self._known else text

    def content(self, content: bytes) -> bytes:
        """Return a file without them; surrogates carry what is no UTF-8 through."""
        return self.text(content.decode(errors="surrogateescape")).encode(errors="surrogateescape")

    def data(self, value: Any) -> Any:
        """Return a value without them, in all its texts but not in its keys."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            entries = cast("Mapping[str, Any]", value)
            return {key: self.data(below) for key, below in entries.items()}
        if isinstance(value, (list, tuple)):
            return [self.data(item) for item in cast("list[Any]", value)]
        return value

    def named(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return values without them, and without those whose name says that they are secret.

        The id of a Juju secret is none.
        """
        return {
            name: REDACTED
            if self.active and value and is_secret_name(name) and not value.startswith("secret:")
            else self.text(value)
            for name, value in values.items()
        }


def of(deployment: Deployment, *, show: bool = False) -> Redactor:
    """Return the redactor for all that a deployment's secrets may have reached, unless shown."""
    if show:
        return Redactor(active=False)
    public = _public(deployment.model)
    return Redactor(value for value in _secrets(deployment) if value not in public)


def secret_options(config: Mapping[str, Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """Return options by application that are secret, or documents with secrets in them."""
    return {
        app: frozenset(name for name, value in values.items() if any(_of_option(name, value)))
        for app, values in config.items()
    }


def _secrets(deployment: Deployment) -> Iterator[str]:
    yield from deployment.model.secret_values()
    for app in deployment.model.apps.values():
        for name, value in app.config.items():
            yield from _of_option(name, value)
    for owned in cluster.objects(deployment.model):
        if owned.obj["kind"] == "Secret" and not owned.by_juju:
            held: Mapping[str, str] = owned.obj.get("data") or {}
            for value in held.values():
                yield base64.b64decode(value).decode(errors="ignore")


def _of_option(name: str, value: Any) -> Iterator[str]:
    """Yield the secrets in an option: all of it, or values in the YAML that it is."""
    if not isinstance(value, str):
        return
    if is_secret_name(name):
        yield value
        return
    try:
        yield from _within(yaml.safe_load(value))
    except yaml.YAMLError:
        return


def _within(value: Any) -> Iterator[str]:
    """Yield texts below keys whose names say that they are secret."""
    for mapping in cluster.mappings(value):
        for key, below in mapping.items():
            if isinstance(below, str) and is_secret_name(str(key)):
                yield below


def _public(model: jujusim.Model) -> set[str]:
    """Return what everybody knows: names, and the defaults of options.

    A user's name is kept with the password in one secret, but it is no secret itself.
    """
    words = {model.name, *model.apps, *model.units}
    for app in model.apps.values():
        words |= {app.charm.name, *app.charm.containers, *map(str, app.charm.defaults.values())}
    return words


def _forms(value: str) -> Iterator[str]:
    """Yield a value as it is, and as it stands in other texts."""
    yield value
    yield value.strip()
    yield json.dumps(value)[1:-1]
    yield value.replace("'", "''")
    yield urllib.parse.quote(value, safe="")
    yield base64.b64encode(value.encode(errors="surrogateescape")).decode()


def _pattern(form: str) -> str:
    """Return a form that is found although YAML may break it into lines at its spaces."""
    return r"[\s\\]+".join(map(re.escape, form.split(" ")))

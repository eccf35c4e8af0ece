# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Hook tools about secrets."""

import base64
import binascii
import datetime
import re
from typing import Any, cast

import ops
import yaml

from ...secrets import bare
from .registry import Call, HookToolContext, ToolError, tool
from .relations import relation_number

_KEY = re.compile(r"[a-z](?:-?[a-z0-9]){2,}")
_ABOUT = ("label", "description", "expire", "rotate", "owner", "file")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|m|s)")
_SECONDS = {"h": 3600, "m": 60, "s": 1}


@tool("secret-get", values=("label",), switches=("refresh", "peek"))
def secret_get(hook: HookToolContext, call: Call) -> Any:
    """Return the content of a secret, or one of its values."""
    words = call.most(2)
    label = call.options.get("label")
    is_id = bool(words) and (words[0].startswith("secret:") or len(words[0]) == 20)
    id_ = words[0] if words and (label is None or is_id) else None
    if id_ is None and not label:
        raise ToolError("require either a secret URI or label", 2)
    if call.on("refresh") and call.on("peek"):
        raise ToolError("specify one of --refresh or --peek but not both", 2)
    content = hook.backend.secret_get(
        id=id_, label=label, refresh=call.on("refresh"), peek=call.on("peek")
    )
    keys = words[1:] if id_ else words
    return _value(content, keys[0]) if keys else content


@tool("secret-info-get", values=("label",))
def secret_info_get(hook: HookToolContext, call: Call) -> dict[str, Any]:
    """Return a secret's metadata, for who manages it."""
    words = call.most(1)
    label = call.options.get("label")
    if bool(words) == bool(label):
        raise ToolError("require either a secret URI or label", 2)
    info = hook.backend.secret_info_get(id=words[0] if words else None, label=label)
    owner = hook.job.secrets.find(info.id, None).owner
    about = {
        "revision": info.revision,
        "label": info.label or "",
        "owner": "unit" if owner == hook.job.unit.name else "application",
        "description": info.description or "",
        "rotation": info.rotation.value if info.rotation else "never",
        "expiry": _moment(info.expires),
        "rotates": _moment(info.rotates),
    }
    return {bare(info.id): {key: value for key, value in about.items() if value not in (None, "")}}


@tool("secret-ids", words=0)
def secret_ids(hook: HookToolContext, _: Call) -> list[str]:
    """Return ids of the secrets that the unit's application owns."""
    draft = hook.job.secrets
    known = {**draft.store.secrets, **draft.added}
    return sorted(f"secret:{id_}" for id_, each in known.items() if each.owned_by(hook.job.unit))


@tool("secret-add", values=_ABOUT, formats=False)
def secret_add(hook: HookToolContext, call: Call) -> str:
    """Make a secret, and print its id."""
    content = _content(call, call.words)
    if not content:
        raise ToolError("missing secret value or filename", 2)
    owner = call.options.get("owner", "application")
    if owner not in ("application", "unit"):
        raise ToolError(f'secret owner "{owner}" not valid', 2)
    return hook.backend.secret_add(
        content, owner="unit" if owner == "unit" else "app", **_about(call)
    )


@tool("secret-set", values=_ABOUT, formats=False)
def secret_set(hook: HookToolContext, call: Call) -> None:
    """Change a secret: its content, its metadata or both."""
    if not call.words:
        raise ToolError("missing secret URI", 2)
    id_, *pairs = call.words
    hook.backend.secret_set(id_, content=_content(call, pairs) or None, **_about(call))


@tool("secret-remove", values=("revision",), formats=False)
def secret_remove(hook: HookToolContext, call: Call) -> None:
    """Remove a secret, or one of its revisions."""
    revision = call.options.get("revision")
    if revision is not None and not revision.isdecimal():
        raise ToolError(f'invalid value "{revision}" for option --revision: invalid syntax', 2)
    hook.backend.secret_remove(
        call.only("secret URI"), revision=int(revision) if revision else None
    )


@tool("secret-grant", values=("relation", "unit"), formats=False)
def secret_grant(hook: HookToolContext, call: Call) -> None:
    """Let the other side of a relation read a secret."""
    id_ = call.only("secret URI")
    relation = _scope(hook, call)
    if relation is None:
        raise ToolError("missing relation id", 2)
    hook.backend.secret_grant(id_, relation, unit=call.options.get("unit"))


@tool("secret-revoke", values=("relation", "unit", "app", "application"), formats=False)
def secret_revoke(hook: HookToolContext, call: Call) -> None:
    """Take a grant back."""
    id_ = call.only("secret URI")
    relation = _scope(hook, call)
    app = call.options.get("app", call.options.get("application"))
    secret = hook.job.secrets.find(id_, None)
    if relation is not None:
        hook.backend.secret_revoke(id_, relation, unit=call.options.get("unit"))
        return
    who = call.options.get("unit") or app
    if who is None:
        raise ToolError("missing application, unit or relation", 2)
    if not secret.managed_by(hook.job.unit):
        raise ToolError("permission denied")
    for number, grantees in secret.grants.items():
        if who in grantees:
            hook.job.secrets.revoke(secret, number, who)


def _scope(hook: HookToolContext, call: Call) -> int | None:
    given = call.options.get("relation")
    if given is not None:
        return relation_number(hook, given)
    return hook.job.event.relation if hook.job.event.relation >= 0 else None


def _value(content: dict[str, str], key: str) -> str:
    name, _, form = key.partition("#")
    if name not in content:
        raise ToolError(f'secret key value "{name}" not found')
    value = content[name]
    return base64.b64encode(value.encode()).decode() if form == "base64" else value


def _content(call: Call, pairs: list[str]) -> dict[str, str]:
    content: dict[str, str] = {}
    if "file" in call.options:
        found = yaml.load(call.content(call.options["file"]), yaml.BaseLoader)  # noqa: S506
        if not isinstance(found, dict):
            raise ToolError("expected a mapping of keys and values")
        content |= cast("dict[str, str]", found)
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise ToolError(f'expected "key=value", got "{name}"', 2)
        key, _, form = name.partition("#")
        content[key] = _decoded(call, form, value)
    for key in content:
        if not _KEY.fullmatch(key):
            raise ToolError(f'key "{key}" not valid')
    return content


def _decoded(call: Call, form: str, value: str) -> str:
    if form == "file":
        return call.content(value).decode()
    if form == "base64":
        try:
            return base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ToolError(f"invalid base64 value: {error}") from error
    if form:
        raise ToolError(f'"{form}" is no way to give a value', 2)
    return value


def _about(call: Call) -> dict[str, Any]:
    about: dict[str, Any] = {
        key: call.options[key] for key in ("label", "description") if key in call.options
    }
    if "expire" in call.options:
        about["expire"] = _expiry(call.options["expire"])
    if "rotate" in call.options:
        try:
            about["rotate"] = ops.SecretRotate(call.options["rotate"])
        except ValueError:
            raise ToolError(f'rotate policy "{call.options["rotate"]}" not valid') from None
    return about


def _expiry(given: str) -> datetime.datetime:
    """Return a moment as RFC 3339 has it, or a duration such as 12h30m from now."""
    parts = _DURATION.findall(given)
    if parts and "".join(number + unit for number, unit in parts) == given:
        seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
        now = datetime.datetime.now(datetime.timezone.utc)
        return now + datetime.timedelta(seconds=seconds)
    try:
        when = datetime.datetime.fromisoformat(given.replace("Z", "+00:00"))
    except ValueError:
        raise ToolError(f'expire time or duration "{given}" not valid') from None
    return when.astimezone()


def _moment(when: datetime.datetime | None) -> str | None:
    if when is None:
        return None
    return when.astimezone(datetime.timezone.utc).isoformat().replace("+00:00", "Z")

# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Connectors as Dex decodes them: one field of a wrong type keeps it from starting for everybody.

Source: Dex 2.41, server/server.go (ConnectorsConfig) and the Config of each connector/*/*.go. Go's
decoder takes names of fields in any case and ignores what it does not know, and so is done here.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from charmkit import shapes

_TEXTS = "texts"
_OAUTH = "clientID clientSecret redirectURI"

_FIELDS: dict[str, dict[str, Any]] = {
    "atlassian-crowd": {
        "text": "baseURL clientID clientSecret preferredUsernameField usernamePrompt",
        _TEXTS: "groups",
    },
    "authproxy": {
        "text": "userIDHeader userHeader userNameHeader emailHeader groupHeader"
        " groupHeaderSeparator",
        _TEXTS: "staticGroups",
    },
    "bitbucket-cloud": {"text": _OAUTH, _TEXTS: "teams", "flag": "includeTeamGroups"},
    "gitea": {
        "text": f"{_OAUTH} baseURL",
        "flag": "loadAllGroups useLoginAsID",
        "entries": {"orgs": {"text": "name", _TEXTS: "teams"}},
    },
    "github": {
        "text": f"{_OAUTH} org hostName rootCA teamNameField preferredEmailDomain",
        "flag": "loadAllGroups useLoginAsID",
        "entries": {"orgs": {"text": "name", _TEXTS: "teams"}},
    },
    "gitlab": {
        "text": f"{_OAUTH} baseURL",
        _TEXTS: "groups",
        "flag": "useLoginAsID",
    },
    "google": {
        "text": f"{_OAUTH} serviceAccountFilePath adminEmail promptType",
        _TEXTS: "scopes hostedDomains groups",
        "flag": "fetchTransitiveGroupMembership",
        "map": "domainToAdminEmail",
    },
    "keystone": {"text": "domain keystoneHost keystoneUsername keystonePassword"},
    "ldap": {
        "required": "host userSearch",
        "text": "host rootCA clientCert clientKey bindDN bindPW usernamePrompt",
        "flag": "insecureNoSSL insecureSkipVerify startTLS",
        "bytes": "rootCAData",
        "parts": {
            "userSearch": {
                "required": "baseDN username",
                "text": "baseDN filter username scope idAttr emailAttr nameAttr"
                " preferredUsernameAttr emailSuffix",
            },
            "groupSearch": {
                "text": "baseDN filter scope userAttr groupAttr nameAttr",
                "entries": {"userMatchers": {"text": "userAttr groupAttr"}},
            },
        },
    },
    "linkedin": {"text": _OAUTH},
    "microsoft": {
        "text": f"{_OAUTH} tenant groupNameFormat apiURL graphURL promptType domainHint"
        " preferredUsernameField",
        _TEXTS: "groups scopes",
        "flag": "onlySecurityGroups useGroupsAsWhitelist emailToLowercase",
    },
    "mockCallback": {},
    "mockPassword": {"required": "username password", "text": "username password"},
    "oauth": {
        "text": f"{_OAUTH} tokenURL authorizationURL userInfoURL userIDKey",
        _TEXTS: "scopes rootCAs",
        "flag": "insecureSkipVerify",
        "parts": {
            "claimMapping": {
                "text": "userNameKey preferredUsernameKey groupsKey emailKey emailVerifiedKey"
            }
        },
    },
    "oidc": {
        "required": "issuer",
        "text": f"{_OAUTH} issuer userIDKey userNameKey promptType",
        _TEXTS: "scopes hostedDomains rootCAs allowedGroups acrValues",
        "flag": "basicAuthUnsupported insecureSkipEmailVerified insecureEnableGroups"
        " insecureSkipVerify getUserInfo overrideClaimMapping",
        "parts": {
            "providerDiscoveryOverrides": {"text": "tokenURL authURL jwksURL"},
            "claimMapping": {"text": "preferred_username email groups"},
            "claimModifications": {
                "entries": {
                    "newGroupFromClaims": {
                        "text": "delimiter prefix",
                        _TEXTS: "claims",
                        "flag": "clearDelimiter",
                    }
                }
            },
        },
    },
    "openshift": {
        "text": f"{_OAUTH} issuer rootCA",
        _TEXTS: "groups",
        "flag": "insecureCA",
    },
    "saml": {
        "required": "ssoURL redirectURI usernameAttr emailAttr",
        "text": "entityIssuer ssoIssuer ssoURL ca usernameAttr emailAttr groupsAttr groupsDelim"
        " redirectURI nameIDPolicyFormat",
        _TEXTS: "allowedGroups",
        "flag": "insecureSkipSignatureValidation filterGroups",
        "bytes": "caData",
    },
}
_Given = Mapping[str, tuple[str, Any]]
"""Fields by their names in small letters, each with its place and its value."""

_KINDS: dict[str, shapes.Schema] = {
    "text": shapes.TEXT,
    "flag": shapes.BOOLEAN,
    "bytes": shapes.TEXT,
    "map": shapes.values(shapes.TEXT),
    _TEXTS: shapes.items(shapes.TEXT),
}

TYPES = tuple(_FIELDS)
"""The types of connectors."""


def parse(entry: Any) -> dict[str, Any]:
    """Return a connector that Dex can decode.

    Raises:
        ValueError: naming the field that is wrong, without its value.
    """
    if not isinstance(entry, dict):
        raise ValueError("not a mapping")
    for field in ("type", "id", "name"):
        shapes.check(entry.get(field, ""), shapes.FULL_TEXT, field)
    if entry["type"] not in TYPES:
        raise ValueError(f"type is not one of {', '.join(TYPES)}")
    settings = entry.get("config")
    shapes.check({} if settings is None else settings, {"type": "object"}, "config")
    _check("config", settings or {}, _FIELDS[entry["type"]])
    return entry


def _check(path: str, settings: Mapping[str, Any], rules: Mapping[str, Any]) -> None:
    """Check the fields that Dex knows; one that is null is as good as none."""
    given = {
        str(name).casefold(): (f"{path}.{name}", value)
        for name, value in settings.items()
        if value is not None
    }
    for field in rules.get("required", "").split():
        if not given.get(field.casefold(), ("", None))[1]:
            raise ValueError(f"{path}.{field}: is missing")
    for kind, schema in _KINDS.items():
        for place, value in _given(given, rules.get(kind, "").split()):
            shapes.check(value, schema, place)
    for place, value in _given(given, rules.get("bytes", "").split()):
        _check_base64(place, value)
    _check_inner(given, rules)


def _check_inner(given: _Given, rules: Mapping[str, Any]) -> None:
    for field, inner in rules.get("parts", {}).items():
        for place, value in _given(given, [field]):
            shapes.check(value, {"type": "object"}, place)
            _check(place, value, inner)
    for field, inner in rules.get("entries", {}).items():
        for place, value in _given(given, [field]):
            shapes.check(value, shapes.items({"type": "object"}), place)
            for index, item in enumerate(value):
                _check(f"{place}[{index}]", item, inner)


def _given(given: _Given, fields: list[str]) -> list[tuple[str, Any]]:
    return [given[field.casefold()] for field in fields if field.casefold() in given]


def _check_base64(place: str, value: str) -> None:
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(f"{place}: is not base64") from error

# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Juju's admission webhook where the API server cannot call one: labels follow the write."""

from typing import Any

import httpx2

from ..admission import Webhook
from .send import Exchange, Key, merge_patch

MANAGER = "juju-webhook"


class Labels:
    """Puts Juju's labels on what the accounts of models' applications have written.

    Two patches do it, the second of which leaves the labels without a field manager, as those of
    a webhook are. Between the write and the labels somebody else may see the object without them.
    """

    def __init__(self, http: httpx2.Client):
        self.webhooks: list[Webhook] = []
        self._http = http

    def follow(self, exchange: Exchange, response: httpx2.Response) -> httpx2.Response:
        """Label what a request has written, and return the answer to it with the labels.

        Raises:
            httpx2.HTTPStatusError: The server refuses the labels.
        """
        for webhook in self.webhooks:
            missing = self._missing(webhook, exchange, response)
            if missing:
                labelled = self._label(exchange.key, missing)
                return httpx2.Response(response.status_code, json=labelled)
        return response

    def _missing(
        self, webhook: Webhook, exchange: Exchange, response: httpx2.Response
    ) -> dict[str, str]:
        target = exchange.target
        account = webhook.account(exchange.user)
        written = exchange.method != "DELETE" and not (exchange.dry_run or target.subresource)
        if not (written and account and response.is_success):
            return {}
        if not webhook.sees(target.group, target.plural, target.namespace):
            return {}
        owner = Key("", "v1", "serviceaccounts", webhook.model, account)
        found = self._http.get(owner.path)
        return webhook.missing(found.json() if found.is_success else None, response.json())

    def _label(self, key: Key, labels: dict[str, str]) -> dict[str, Any]:
        labelled = self._patch(key, {"labels": labels})
        entries: list[dict[str, Any]] = labelled["metadata"].get("managedFields") or []
        others = [entry for entry in entries if entry.get("manager") != MANAGER]
        return self._patch(key, {"managedFields": others}) if others else labelled

    def _patch(self, key: Key, metadata: dict[str, Any]) -> dict[str, Any]:
        answer = merge_patch(self._http, key.path, {"metadata": metadata}, MANAGER)
        return answer.raise_for_status().json()

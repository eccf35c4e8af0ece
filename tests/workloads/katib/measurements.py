# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What trials have measured, told to Katib's database manager and asked of it by gRPC.

Source of the messages: katib v0.19.0, pkg/apis/manager/v1beta1/api.proto.
"""

from __future__ import annotations

import httpx2

from ..cluster import Pod

PORT = 6789


def report(manager: Pod, trial: str, name: str, value: str) -> None:
    """Report a measurement, as the collector in a trial's pod does."""
    metric = _text(1, name) + _text(2, value)
    log = _text(1, "2026-01-01T00:00:00Z") + _nested(2, metric)
    _call(manager, "ReportObservationLog", _text(1, trial) + _nested(2, _nested(1, log)))


def read(manager: Pod, trial: str) -> bytes:
    """Return the message with all that a trial has reported."""
    return _call(manager, "GetObservationLog", _text(1, trial))


def _call(manager: Pod, method: str, message: bytes) -> bytes:
    url = f"http://127.0.0.1:{PORT}/api.v1.beta1.DBManager/{method}"
    headers = {"content-type": "application/grpc"}
    body = b"\0" + len(message).to_bytes(4, "big") + message
    with manager.network.entered(), httpx2.Client(http1=False, http2=True) as client:
        answer = client.post(url, content=body, headers=headers).raise_for_status()
    # An error comes as headers alone.
    assert answer.headers.get("grpc-status", "0") == "0", answer.headers["grpc-message"]
    return answer.content


def _text(number: int, value: str) -> bytes:
    """Encode a field of a Protocol Buffers message."""
    return _nested(number, value.encode())


def _nested(number: int, value: bytes) -> bytes:
    assert len(value) < 128, "longer ones have a length of several bytes"
    return bytes([number << 3 | 2, len(value)]) + value

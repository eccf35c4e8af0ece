# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.


def greet(who, times):
    return " ".join([f"hello {who}"] * times)

"""Tests on a real Juju: see docs/how-to/integration-tests.md."""

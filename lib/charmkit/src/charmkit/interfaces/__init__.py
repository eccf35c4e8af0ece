"""Interfaces of the platform: one module per Juju interface."""

"""A library that only this charm has."""

LABEL = "jack-secret"

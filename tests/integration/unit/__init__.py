"""The helpers, against fakes."""

"""What the Canonical Observability Stack gets of a bundle, generated: overlays and more."""

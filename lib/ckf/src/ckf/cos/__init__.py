# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the Canonical Observability Stack gets of a bundle, generated: overlays and more."""

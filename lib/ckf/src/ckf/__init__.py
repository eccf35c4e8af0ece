# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The operator's and developer's tool: simulator, previews, images and packing."""

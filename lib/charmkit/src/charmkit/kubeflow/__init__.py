# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What is Kubeflow's own: the web apps' backend and the controllers' manager."""

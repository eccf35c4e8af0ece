# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Rights of applications in Kubernetes: measured, recorded, compared and summed up.

rights = rbac.of(app, journal, objects)          # what a run has needed and made
python -m ckf.rbac record                        # writes tests/kube/rights and the reference

Two accounts' rights are meant. The charm's own calls run under the application's account, to which
Juju gives everything with `--trust`: here stands what of it the charm needs. The workload's rights
are those that the objects which the charm makes give to service accounts.
"""

from .rights import Rights, asked, of
from .rules import Ask, Rule, compact, expand, words

__all__ = ["Ask", "Rights", "Rule", "asked", "compact", "expand", "of", "words"]

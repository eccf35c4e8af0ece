# Targets set up what they need; the work itself is done by the tools in .venv.

PYTHON ?= python3
K8S ?= 1.34.4
BIN := .venv/bin
RECENT := import sys; sys.exit(sys.version_info < (3, 10))

export UV_PROJECT_ENVIRONMENT := $(CURDIR)/.venv

.PHONY: help preview pack check terraform cos release test format lint unit model kube integration \
	benchmarks controlplane workloads workload-tests clean

help: ## Show the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-15s %s\n", $$1, $$2}'

.venv/.ready: uv.lock pyproject.toml $(wildcard charms/*/pyproject.toml lib/*/pyproject.toml)
	@$(BIN)/python -c '$(RECENT)' 2>/dev/null || $(PYTHON) -c '$(RECENT)' || { \
	  echo "$(PYTHON) is not Python 3.10 or later: name one, as in make PYTHON=python3.12" >&2; exit 1; }
	$(BIN)/python -c '$(RECENT)' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'
	$(BIN)/uv sync --quiet --frozen --python $(BIN)/python
	touch $@

preview: .venv/.ready ## Deploy bundle.yaml in the simulator.
	$(BIN)/ckf preview bundle.yaml

pack: .venv/.ready ## Write build/<name>.charm for all charms; CHARMS="a b" for some, ARGS=--charmcraft.
	$(BIN)/ckf pack $(CHARMS) $(ARGS)

check: .venv/.ready ## Check bundle.yaml and each overlay as Juju would, before anything is deployed.
	$(BIN)/ckf check bundle.yaml
	for overlay in $(wildcard overlays/*.yaml); do \
	  $(BIN)/ckf check bundle.yaml --overlay "$$overlay" || exit 1; done

terraform: .venv/.ready ## Write what the Terraform module deploys, from bundle.yaml.
	$(BIN)/ckf terraform bundle.yaml

cos: .venv/.ready ## Write the observability stack's overlays, dashboards and runbooks.
	$(BIN)/ckf cos bundle.yaml

release: pack ## Release the packed charms to CHANNEL of Charmhub; CHARMS="a b" for some.
	$(BIN)/ckf release $(CHANNEL) $(CHARMS)

test: lint unit model kube workload-tests ## Lint, types and every test.

format: .venv/.ready ## Rewrite the code in the project's format.
	$(BIN)/tox run -q -e format

lint: .venv/.ready ## Format, lint rules, spelling and types.
	$(BIN)/tox run -q -e lint

unit: .venv/.ready ## Tests of the libraries and of each charm, and the contract.
	$(BIN)/tox run -q -e unit

model: .venv/.ready ## Tests of the whole bundle in the simulator.
	$(BIN)/tox run -q -e model

kube: .venv/.ready ## Tests against a real Kubernetes control plane, where there is one.
	$(BIN)/tox run -q -e kube

workload-tests: .venv/.ready ## Tests of charms with the programs that they run, where there are any.
	$(BIN)/tox run -q -e workloads

integration: .venv/.ready ## Tests on the Juju controller that the juju command is logged in to.
	$(BIN)/tox run -q -e integration

benchmarks: .venv/.ready ## Measure import cost and hook time.
	$(BIN)/tox run -q -e benchmarks

controlplane: .venv/.ready ## Build etcd and the Kubernetes control plane into the user's cache.
	$(BIN)/python -m ckf.controlplane build --kubernetes $(K8S)

workloads: .venv/.ready ## Build the programs that charms run into the user's cache; MODULES="a b" for some.
	$(BIN)/python -m ckf.workloads $(MODULES)

clean: ## Remove what the other targets made.
	rm -rf .venv .tox build

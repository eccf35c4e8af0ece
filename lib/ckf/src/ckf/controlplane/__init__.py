"""A real Kubernetes control plane on loopback, built once per machine."""

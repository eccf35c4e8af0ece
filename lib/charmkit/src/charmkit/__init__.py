"""What every charm of Charmed Kubeflow is built from."""

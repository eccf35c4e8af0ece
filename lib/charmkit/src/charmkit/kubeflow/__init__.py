"""What is Kubeflow's own: the web apps' backend and the controllers' manager."""

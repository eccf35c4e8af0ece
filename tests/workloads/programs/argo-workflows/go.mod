module charmed-kubeflow.io/workloads/argo-workflows

go 1.24

tool github.com/argoproj/argo-workflows/v3/cmd/workflow-controller

require github.com/argoproj/argo-workflows/v3 v3.7.3

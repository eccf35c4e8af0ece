// The requirements are in releases/, one file for each Kubernetes release: go build -modfile.
module controlplane

go 1.24

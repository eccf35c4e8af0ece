"""`ckf terraform`: the bundle as data for the Terraform module in `terraform/`."""

terraform {
  # Validation rules that refer to other values.
  required_version = ">= 1.9"

  required_providers {
    juju = {
      source = "juju/juju"
      # The first release with local charms.
      version = ">= 2.3.0"
    }
  }
}

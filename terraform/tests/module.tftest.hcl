# What the module would ask Juju for; the provider is a mock, so that no controller is needed.

mock_provider "juju" {}

variables {
  model_uuid = "0f4c0f4c-0f4c-4f4c-8f4c-0f4c0f4c0f4c"
}

run "as_the_bundle_says" {
  command = plan

  assert {
    condition     = toset(keys(juju_application.this)) == toset(keys(local.bundle.applications))
    error_message = "Other applications than the bundle's."
  }
  assert {
    condition     = juju_application.this["minio"].local_charm[0].name == "minio"
    error_message = "The charm is not the packed one."
  }
  assert {
    condition     = length(juju_application.this["minio"].charm) == 0
    error_message = "The charm is both from a file and from Charmhub."
  }
  assert {
    condition     = juju_application.this["minio"].storage_directives == tomap({ "minio-data" = "10G" })
    error_message = "The storage is not the bundle's."
  }
  assert {
    condition     = length(juju_integration.this) == length(local.bundle.integrations)
    error_message = "Other integrations than the bundle's."
  }
  assert {
    condition     = length(juju_integration.offer) == 0
    error_message = "An offer that nobody has named."
  }
}

run "from_charmhub" {
  command = plan

  variables {
    channel = "1.11/stable"
    applications = {
      minio = { channel = "latest/edge", revision = 7, units = 3, config = { port = "9100" } }
    }
  }

  assert {
    condition     = juju_application.this["kubeflow-roles"].charm[0].channel == "1.11/stable"
    error_message = "Not the channel of all."
  }
  assert {
    condition     = juju_application.this["minio"].charm[0].revision == 7
    error_message = "Not the revision that was asked for."
  }
  assert {
    condition     = juju_application.this["minio"].units == 3 && juju_application.this["minio"].config["port"] == "9100"
    error_message = "Not what was asked for."
  }
  assert {
    condition     = length(juju_application.this["minio"].resources) == 0
    error_message = "A charm of Charmhub has its images there."
  }
}

run "observed" {
  command = plan

  variables {
    cos    = { metrics = "admin/cos.prometheus-scrape" }
    mlflow = { dashboard_links = "admin/mlflow.dashboard-links" }
  }

  assert {
    condition     = length(juju_integration.offer) == length([for each in local.bundle.consumers : each if contains(["cos/metrics", "mlflow/dashboard_links"], each.offer)])
    error_message = "Not everybody who can be observed."
  }
}

# What is deployed: the bundle's inventory with what the variables change.

locals {
  unchanged = {
    channel = null, revision = null, path = null, constraints = null, units = null,
    config  = {}, resources = {}, storage = {},
  }
  overrides = { for name in keys(local.bundle.applications) : name => lookup(var.applications, name, local.unchanged) }

  # From Charmhub where a channel is named, or where the bundle takes the charm from there.
  channels = {
    for name, app in local.bundle.applications : name => (
      local.overrides[name].path != null ? null :
      local.overrides[name].channel != null ? local.overrides[name].channel :
      app.channel != null ? app.channel : var.channel
    )
  }
  charms = coalesce(var.charms, "${path.module}/../build")
  paths = {
    for name, app in local.bundle.applications : name =>
    local.overrides[name].path != null ? local.overrides[name].path : "${local.charms}/${app.charm}.charm"
  }

  offers = merge(
    { for what, url in var.cos : "cos/${what}" => url if url != null },
    { for what, url in var.mlflow : "mlflow/${what}" => url if url != null },
  )
  consumers = {
    for consumer in local.bundle.consumers : "${consumer.offer} ${consumer.application}:${consumer.endpoint}" => consumer
    if contains(keys(local.offers), consumer.offer)
  }
}

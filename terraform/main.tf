# The model that bundle.yaml deploys. What is in it stands in inventory.tf.json, which
# `ckf terraform` writes from the bundle.

resource "juju_application" "this" {
  for_each = local.bundle.applications

  model_uuid         = var.model_uuid
  name               = each.key
  units              = coalesce(local.overrides[each.key].units, each.value.units)
  trust              = each.value.trust
  constraints        = local.overrides[each.key].constraints
  config             = merge(each.value.config, local.overrides[each.key].config)
  storage_directives = merge(each.value.storage, local.overrides[each.key].storage)

  # A charm from Charmhub has its images there, unless they are named.
  resources = merge(
    local.channels[each.key] == null || each.value.channel != null ? each.value.resources : {},
    local.overrides[each.key].resources,
  )

  dynamic "charm" {
    for_each = local.channels[each.key] == null ? [] : [local.channels[each.key]]
    content {
      name     = each.value.charm
      channel  = charm.value
      revision = local.overrides[each.key].revision
    }
  }

  dynamic "local_charm" {
    for_each = local.channels[each.key] == null ? [local.paths[each.key]] : []
    content {
      name = each.value.charm
      path = local_charm.value
    }
  }
}

resource "juju_integration" "this" {
  for_each = local.bundle.integrations

  model_uuid = var.model_uuid

  dynamic "application" {
    for_each = each.value
    content {
      name     = juju_application.this[application.value.application].name
      endpoint = application.value.endpoint
    }
  }
}

# Offers of other models.
resource "juju_integration" "offer" {
  for_each = local.consumers

  model_uuid = var.model_uuid

  application {
    name     = juju_application.this[each.value.application].name
    endpoint = each.value.endpoint
  }

  application {
    offer_url = local.offers[each.value.offer]
  }
}

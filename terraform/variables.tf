variable "model_uuid" {
  description = "The UUID of the Juju model to deploy to. The model may have any name."
  type        = string
}

variable "charms" {
  description = "The folder with the packed charms, as `ckf pack` writes them. Relative paths are relative to where terraform runs; by default it is `build` beside this module."
  type        = string
  default     = null
}

variable "channel" {
  description = "Deploy all charms that have no `path` or `channel` of their own from this channel of Charmhub; by default they are deployed from the folder `charms`."
  type        = string
  default     = null
}

variable "applications" {
  description = "What differs from the bundle, by application. A `channel` deploys it from Charmhub, a `path` from a file. `config`, `resources` and `storage` are added to the bundle's."
  type = map(object({
    channel     = optional(string)
    revision    = optional(number)
    path        = optional(string)
    config      = optional(map(string), {})
    constraints = optional(string)
    resources   = optional(map(string), {})
    storage     = optional(map(string), {})
    units       = optional(number)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.applications), keys(local.bundle.applications))) == 0
    error_message = "The bundle has no application ${join(", ", setsubtract(keys(var.applications), keys(local.bundle.applications)))}."
  }

  validation {
    condition     = alltrue([for app in values(var.applications) : app.path == null || app.channel == null])
    error_message = "An application has a path or a channel, not both."
  }
}

variable "cos" {
  description = "URLs of the offers of a Canonical Observability Stack to send metrics, dashboards and logs to, for example `admin/cos.prometheus-scrape`, `admin/cos.grafana-dashboards` and `admin/cos.loki-logging`."
  type = object({
    metrics    = optional(string)
    dashboards = optional(string)
    logging    = optional(string)
  })
  default  = {}
  nullable = false
}

variable "mlflow" {
  description = "URLs of the offers of a Charmed MLflow to connect: its links for the dashboard, and what it hands to the users' namespaces."
  type = object({
    dashboard_links = optional(string)
    secrets         = optional(string)
    pod_defaults    = optional(string)
  })
  default  = {}
  nullable = false
}

output "applications" {
  description = "The name of each application, by its name in the bundle."
  value       = { for name, app in juju_application.this : name => app.name }
}

output "endpoints" {
  description = "The endpoints of each application, by role and interface, to integrate them with others."
  value       = local.bundle.endpoints
}

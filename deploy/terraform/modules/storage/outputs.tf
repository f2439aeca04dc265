output "backup_bucket" {
  description = "The bucket for backups."
  value       = google_storage_bucket.backups.name
}

output "backup_account" {
  description = "The account of the backup agents, which owns their HMAC key."
  value       = google_service_account.backup.email
}

output "registry" {
  description = "The registry to push images to and pull them from."
  value       = google_artifact_registry_repository.images.registry_uri
}

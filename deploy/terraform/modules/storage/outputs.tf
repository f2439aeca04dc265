output "backup_bucket" {
  description = "The bucket of backups."
  value       = google_storage_bucket.backups.name
}

output "backup_account" {
  description = "The account of the backup agents, which has their HMAC key."
  value       = google_service_account.backup.email
}

output "registry" {
  description = "Where images are pushed and pulled."
  value       = google_artifact_registry_repository.images.registry_uri
}

output "cluster" {
  description = "The name and the location of the cluster."
  value       = { name = module.cluster.name, location = module.cluster.location }
}

output "nodes" {
  description = "The account of the nodes, which pulls images, as a member of IAM policies."
  value       = module.cluster.node_member
}

output "registry" {
  description = "Where images are pushed and pulled: the registry of cloudbuild.yaml and of Argo CD."
  value       = module.storage.registry
}

output "backup_bucket" {
  description = "The bucket of FoundationDB's backups."
  value       = module.storage.backup_bucket
}

output "backup_account" {
  description = "The account of the backup agents."
  value       = module.storage.backup_account
}

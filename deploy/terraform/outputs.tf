output "cluster" {
  description = "The name and the location of the cluster."
  value       = { name = module.cluster.name, location = module.cluster.location }
}

output "nodes" {
  description = "The account of the nodes, which pulls images, as an IAM member."
  value       = module.cluster.node_member
}

output "registry" {
  description = "The registry to push images to and pull them from, for cloudbuild.yaml and Argo CD."
  value       = module.storage.registry
}

output "backup_bucket" {
  description = "The bucket for FoundationDB's backups."
  value       = module.storage.backup_bucket
}

output "backup_account" {
  description = "The account of the backup agents."
  value       = module.storage.backup_account
}

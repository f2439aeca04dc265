output "name" {
  description = "The name of the cluster."
  value       = google_container_cluster.main.name
}

output "location" {
  description = "The region or zone of the cluster."
  value       = google_container_cluster.main.location
}

output "node_member" {
  description = "The nodes' account, as an IAM member."
  value       = google_service_account.nodes.member
}

output "network" {
  description = "The id of the network."
  value       = google_compute_network.main.id
}

output "subnetwork" {
  description = "The id of the nodes' subnet."
  value       = google_compute_subnetwork.nodes.id
}

output "pods_range" {
  description = "The name of the pods' range."
  value       = google_compute_subnetwork.nodes.secondary_ip_range[0].range_name
}

output "services_range" {
  description = "The name of the services' range."
  value       = google_compute_subnetwork.nodes.secondary_ip_range[1].range_name
}

output "node_tag" {
  description = "The network tag by which the firewall selects nodes."
  value       = local.node_tag
}

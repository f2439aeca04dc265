# GKE creates the rules that its own traffic needs (priority 1000 or higher); these are the rest.

# The network denies this anyway, but does not log it.
resource "google_compute_firewall" "deny_ingress" {
  project       = var.project_id
  name          = "${var.name}-deny-ingress"
  network       = google_compute_network.main.id
  description   = "Denies and logs all traffic that no other rule allows."
  direction     = "INGRESS"
  priority      = 65534
  source_ranges = ["0.0.0.0/0"]

  deny {
    protocol = "all"
  }

  log_config {
    metadata = "INCLUDE_ALL_METADATA"
  }
}

# In a private cluster GKE's own rules let the control plane reach only ports 443 and 10250.
resource "google_compute_firewall" "webhooks" {
  count = length(var.webhook_ports) > 0 ? 1 : 0

  project       = var.project_id
  name          = "${var.name}-webhooks"
  network       = google_compute_network.main.id
  description   = "Lets the control plane reach the webhooks of operators."
  direction     = "INGRESS"
  source_ranges = [var.control_plane_cidr]
  target_tags   = [local.node_tag]

  allow {
    protocol = "tcp"
    ports    = var.webhook_ports
  }
}

# The nodes' own account may only write logs and metrics. The storage module grants it access to
# images; pods have their own identities.
resource "google_service_account" "nodes" {
  project      = var.project_id
  account_id   = "${var.name}-nodes"
  display_name = "Nodes of ${var.name}"
}

resource "google_project_iam_member" "nodes" {
  project = var.project_id
  role    = "roles/container.defaultNodeServiceAccount"
  member  = google_service_account.nodes.member
}

resource "google_container_node_pool" "main" {
  depends_on = [google_project_iam_member.nodes]

  project        = var.project_id
  name           = "main"
  cluster        = google_container_cluster.main.id
  location       = var.location
  node_locations = var.node_locations

  initial_node_count = ceil(var.node_count / length(var.node_locations)) # in each zone

  autoscaling {
    total_min_node_count = var.node_count
    total_max_node_count = var.max_node_count
    location_policy      = "BALANCED"
  }

  management {
    auto_repair  = true
    auto_upgrade = true
  }

  # One node at a time, with a spare: FoundationDB waits for its process to come back.
  upgrade_settings {
    max_surge       = 1
    max_unavailable = 0
  }

  node_config {
    machine_type      = var.machine_type
    disk_size_gb      = var.disk_size_gb
    disk_type         = var.disk_type
    boot_disk_kms_key = var.kms_key
    image_type        = "COS_CONTAINERD"
    service_account   = google_service_account.nodes.email
    tags              = [var.node_tag]
    labels            = var.labels

    # The widest scope, because the roles of the account limit it.
    oauth_scopes = ["https://www.googleapis.com/auth/cloud-platform"]

    metadata = {
      disable-legacy-endpoints = "true"
    }

    shielded_instance_config {
      enable_secure_boot          = true
      enable_integrity_monitoring = true
    }

    # Pods see their own identity, not the node's.
    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }

  lifecycle {
    # Only the initial count: afterwards the autoscaler sets it.
    ignore_changes = [initial_node_count]
  }
}

# The control plane. Its nodes are in node-pools.tf, so that they can change separately.
resource "google_container_cluster" "main" {
  #checkov:skip=CKV_GCP_12: Dataplane V2 enforces NetworkPolicy; this setting is for its predecessor
  #checkov:skip=CKV_GCP_66: the variable binary_authorization decides; it is on in prod
  #checkov:skip=CKV_GCP_69: the node pool has this setting; there is no default pool
  project             = var.project_id
  name                = var.name
  location            = var.location
  node_locations      = var.location == var.node_locations[0] ? null : var.node_locations
  deletion_protection = var.deletion_protection
  resource_labels     = var.labels

  # Google creates no cluster without nodes, so its default pool is removed at once.
  remove_default_node_pool = true
  initial_node_count       = 1

  network           = var.network
  subnetwork        = var.subnetwork
  networking_mode   = "VPC_NATIVE"
  datapath_provider = "ADVANCED_DATAPATH" # enforces NetworkPolicy

  enable_intranode_visibility = true
  enable_legacy_abac          = false
  enable_shielded_nodes       = true

  ip_allocation_policy {
    cluster_secondary_range_name  = var.pods_range
    services_secondary_range_name = var.services_range
  }

  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = var.private_endpoint
    master_ipv4_cidr_block  = var.control_plane_cidr
  }

  master_authorized_networks_config {
    gcp_public_cidrs_access_enabled = false

    dynamic "cidr_blocks" {
      for_each = var.authorized_networks

      content {
        display_name = cidr_blocks.key
        cidr_block   = cidr_blocks.value
      }
    }
  }

  master_auth {
    client_certificate_config {
      issue_client_certificate = false
    }
  }

  workload_identity_config {
    workload_pool = "${var.project_id}.svc.id.goog"
  }

  binary_authorization {
    evaluation_mode = var.binary_authorization ? "PROJECT_SINGLETON_POLICY_ENFORCE" : "DISABLED"
  }

  database_encryption {
    state    = var.kms_key == null ? "DECRYPTED" : "ENCRYPTED"
    key_name = var.kms_key
  }

  dynamic "authenticator_groups_config" {
    for_each = var.security_group[*]

    content {
      security_group = authenticator_groups_config.value
    }
  }

  release_channel {
    channel = var.release_channel
  }

  maintenance_policy {
    recurring_window {
      start_time = var.maintenance_window.start
      end_time   = var.maintenance_window.end
      recurrence = var.maintenance_window.recurrence
    }
  }

  addons_config {
    http_load_balancing {
      disabled = false
    }

    horizontal_pod_autoscaling {
      disabled = false
    }

    dns_cache_config {
      enabled = true
    }

    gce_persistent_disk_csi_driver_config {
      enabled = true
    }
  }

  logging_config {
    enable_components = ["SYSTEM_COMPONENTS", "WORKLOADS"]
  }

  monitoring_config {
    enable_components = ["SYSTEM_COMPONENTS"]

    # It does not read the charts' PodMonitors and PrometheusRules. Argo CD installs a Prometheus
    # that does.
    managed_prometheus {
      enabled = false
    }
  }

  # Images are scanned in the registry instead.
  security_posture_config {
    mode = "BASIC"
  }

  cost_management_config {
    enabled = true
  }
}

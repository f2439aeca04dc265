# Backups of FoundationDB. Volumes are not here: they belong to the cluster's own objects (the
# FoundationDBCluster asks for them, GKE's storage classes make them), which Terraform could not
# even plan before the cluster is there.
resource "google_storage_bucket" "backups" {
  #checkov:skip=CKV_GCP_62: Cloud Audit Logs tell who read what; access logs are for public buckets
  project       = var.project_id
  name          = var.backup_bucket
  location      = var.backup_location
  storage_class = "STANDARD"
  force_destroy = false
  labels        = var.labels

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # Not a retention policy: that forbids to replace an object, and FoundationDB replaces the small
  # files that say how far a backup reaches. Versions keep what was replaced or deleted, and soft
  # deletion keeps even versions, against whoever can delete them.
  versioning {
    enabled = true
  }

  soft_delete_policy {
    retention_duration_seconds = var.backup_days * 86400
  }

  # Only what is no longer live ends here: which live files are needed, FoundationDB alone knows.
  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      days_since_noncurrent_time = var.backup_days
      with_state                 = "ARCHIVED"
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }

    condition {
      age = 7
    }
  }

  dynamic "encryption" {
    for_each = var.kms_key[*]

    content {
      default_kms_key_name = encryption.value
    }
  }
}

# Backups of FoundationDB. Volumes are not defined here: they belong to objects in the cluster (the
# FoundationDBCluster claims them, GKE's storage classes create them), which Terraform could not even
# plan before the cluster exists.
resource "google_storage_bucket" "backups" {
  #checkov:skip=CKV_GCP_62: Cloud Audit Logs record access; access logs are for public buckets
  project       = var.project_id
  name          = var.backup_bucket
  location      = var.backup_location
  storage_class = "STANDARD"
  force_destroy = false
  labels        = var.labels

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # A retention policy would not work: it forbids replacing objects, and FoundationDB replaces the
  # small files that record how far a backup reaches. Versioning keeps replaced and deleted objects;
  # soft delete also keeps versions that an attacker with delete rights removes.
  versioning {
    enabled = true
  }

  soft_delete_policy {
    retention_duration_seconds = var.backup_days * 86400
  }

  # This deletes only noncurrent versions: only FoundationDB knows which live files are needed.
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

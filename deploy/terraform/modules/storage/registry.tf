# The images. Tags are immutable, so the image that was verified is the one that runs.
resource "google_artifact_registry_repository" "images" {
  project       = var.project_id
  repository_id = var.name
  location      = var.registry_location
  format        = "DOCKER"
  description   = "Images of Coditect"
  kms_key_name  = var.kms_key
  labels        = var.labels

  docker_config {
    immutable_tags = true
  }

  vulnerability_scanning_config {
    enablement_config = "INHERITED"
  }

  # Keep rules take precedence over delete rules. This keeps months of prod's images, for rollbacks.
  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"

    most_recent_versions {
      keep_count = var.images_kept
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"

    condition {
      older_than = "90d"
    }
  }
}

resource "google_artifact_registry_repository_iam_member" "readers" {
  for_each = var.image_readers

  project    = var.project_id
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.reader"
  member     = each.value
}

resource "google_artifact_registry_repository_iam_member" "writers" {
  for_each = var.image_writers

  project    = var.project_id
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = each.value
}

# Who writes backups. FoundationDB signs its requests with an HMAC key of this account, which is made
# beside Terraform, since a secret that it made would stand in its state (README.md). Whatever else
# looks after backups in the cluster is this account by workload identity, without any key.
resource "google_service_account" "backup" {
  project      = var.project_id
  account_id   = "${var.name}-backup"
  display_name = "FoundationDB's backup agents"
}

# FoundationDB first asks whether the bucket is there, which objectUser does not cover.
resource "google_storage_bucket_iam_member" "backup" {
  for_each = toset(["roles/storage.objectUser", "roles/storage.legacyBucketReader"])

  bucket = google_storage_bucket.backups.name
  role   = each.value
  member = google_service_account.backup.member
}

resource "google_service_account_iam_member" "backup" {
  service_account_id = google_service_account.backup.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:${var.workload_pool}[${var.backup_agent.namespace}/${var.backup_agent.service_account}]"
}

# The account that writes backups. FoundationDB signs its requests with an HMAC key of this account.
# The key is created outside Terraform, because Terraform would store it in its state (README.md).
resource "google_service_account" "backup" {
  project      = var.project_id
  account_id   = "${var.name}-backup"
  display_name = "FoundationDB's backup agents"
}

# FoundationDB first checks that the bucket exists, which objectUser does not allow.
resource "google_storage_bucket_iam_member" "backup" {
  for_each = toset(["roles/storage.objectUser", "roles/storage.legacyBucketReader"])

  bucket = google_storage_bucket.backups.name
  role   = each.value
  member = google_service_account.backup.member
}

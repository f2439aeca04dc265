# The bucket is not here, since its name is the project's:
# terraform init -backend-config="bucket=..."
terraform {
  backend "gcs" {
    prefix = "coditect/staging"
  }
}

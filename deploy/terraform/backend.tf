# The location of the state: the bucket is an argument of init, the prefix is in
# environments/*/backend.hcl.
terraform {
  backend "gcs" {}
}

locals {
  owner = { environment = var.environment, project_id = var.project_id }
}

# From the first apply on, a state remembers its environment and project, and rejects the settings of
# any other.
resource "terraform_data" "owner" {
  input = local.owner

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.output == local.owner
      error_message = "This is the state of ${self.output.environment} in ${self.output.project_id}, not of ${var.environment} in ${var.project_id}."
    }
  }
}

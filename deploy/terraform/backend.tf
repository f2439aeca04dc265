# Where the state is: the bucket is given to init, the prefix is in environments/*/backend.hcl.
terraform {
  backend "gcs" {}
}

locals {
  owner = { environment = var.environment, project_id = var.project_id }
}

# A state remembers whose it is from the first apply on, and refuses the settings of another.
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

variable "project_id" {
  type        = string
  description = "The project that holds the cluster."
}

variable "name" {
  type        = string
  description = "The name of the cluster."
  default     = "codi-poc-e2-cluster"

  validation {
    # The nodes' service account is named after it, and may have at most 30 characters.
    condition     = can(regex("^[a-z][a-z0-9-]{4,23}$", var.name))
    error_message = "Must be 5 to 24 characters: a-z, 0-9 and hyphens."
  }
}

variable "location" {
  type        = string
  description = "A region, for a control plane that survives the loss of a zone, or a single zone."
  default     = "us-central1-a"
}

variable "node_locations" {
  type        = list(string)
  description = "The zones of the nodes; for a zonal cluster its own zone."
  default     = ["us-central1-a"]

  validation {
    condition     = length(var.node_locations) > 0 && alltrue([for zone in var.node_locations : startswith(zone, var.location)])
    error_message = "Must be zones in the location."
  }
}

variable "deletion_protection" {
  type        = bool
  description = "Whether Terraform refuses to delete the cluster."
  default     = true
}

variable "network" {
  type        = string
  description = "The id of the network."
}

variable "subnetwork" {
  type        = string
  description = "The id of the nodes' subnet."
}

variable "pods_range" {
  type        = string
  description = "The name of the subnet's range for pods."
}

variable "services_range" {
  type        = string
  description = "The name of the subnet's range for services."
}

variable "control_plane_cidr" {
  type        = string
  description = "A /28 range for the control plane."
}

variable "node_tag" {
  type        = string
  description = "The network tag of nodes."
}

variable "private_endpoint" {
  type        = bool
  description = "Whether the control plane has no public address at all."
  default     = false
}

variable "authorized_networks" {
  type        = map(string)
  description = "The address ranges, by name, that may reach the control plane. If empty, none from outside."
  default     = {}

  validation {
    condition     = alltrue([for cidr in values(var.authorized_networks) : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")])
    error_message = "Must be ranges like 203.0.113.0/24, and not the whole internet."
  }
}

variable "node_count" {
  type        = number
  description = "The minimum number of nodes, in all zones together."
  default     = 3

  validation {
    condition     = var.node_count >= 3
    error_message = "FoundationDB with double redundancy needs three nodes."
  }
}

variable "max_node_count" {
  type        = number
  description = "The maximum number of nodes, in all zones together."
  default     = 6

  validation {
    condition     = var.max_node_count >= var.node_count
    error_message = "Must not be less than node_count."
  }
}

variable "machine_type" {
  type        = string
  description = "The machine type of a node."
  default     = "e2-standard-4"
}

variable "disk_size_gb" {
  type        = number
  description = "The size of a node's boot disk, in GB."
  default     = 100
}

variable "disk_type" {
  type        = string
  description = "The type of boot disk. An SSD, because images are pulled and logs are written there."
  default     = "pd-balanced"

  validation {
    condition     = contains(["pd-standard", "pd-balanced", "pd-ssd"], var.disk_type)
    error_message = "Must be pd-standard, pd-balanced or pd-ssd."
  }
}

variable "release_channel" {
  type        = string
  description = "The release channel, which decides how soon GKE upgrades the cluster."
  default     = "REGULAR"

  validation {
    condition     = contains(["RAPID", "REGULAR", "STABLE"], var.release_channel)
    error_message = "Must be RAPID, REGULAR or STABLE."
  }
}

variable "maintenance_window" {
  type = object({
    start      = string
    end        = string
    recurrence = string
  })
  description = "When GKE may upgrade: the first window (RFC 3339) and how it recurs (RFC 5545). GKE requires 48 hours in 32 days."
  default = {
    start      = "2026-01-06T02:00:00Z"
    end        = "2026-01-06T08:00:00Z"
    recurrence = "FREQ=WEEKLY;BYDAY=TU,WE,TH"
  }
}

variable "binary_authorization" {
  type        = bool
  description = "Whether only images that the project's binary authorization policy admits may run."
  default     = false
}

variable "kms_key" {
  type        = string
  description = "The full name of a KMS key for Kubernetes' Secrets and the boot disks; null for Google's own key."
  default     = null
}

variable "security_group" {
  type        = string
  description = "The group gke-security-groups@…, whose members RBAC may name; null for none."
  default     = null
}

variable "labels" {
  type        = map(string)
  description = "Labels of the cluster and its nodes."
  default     = {}
}

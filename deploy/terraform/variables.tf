variable "project_id" {
  type        = string
  description = "The project. It is not in the repository: set it in own.tfvars."
}

variable "environment" {
  type        = string
  description = "The name of this environment."

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "Must be dev, staging or prod."
  }
}

variable "cluster_name" {
  type        = string
  description = "The name of the cluster, and of everything that belongs to it."
}

variable "region" {
  type        = string
  description = "The region of all resources."
}

variable "location" {
  type        = string
  description = "The region, for a control plane in several zones, or one of its zones."
}

variable "node_locations" {
  type        = list(string)
  description = "The zones of the nodes."
}

variable "node_count" {
  type        = number
  description = "The minimum number of nodes, in all zones together."
}

variable "max_node_count" {
  type        = number
  description = "The maximum number of nodes, in all zones together."
}

variable "machine_type" {
  type        = string
  description = "The machine type of a node."
}

variable "disk_size_gb" {
  type        = number
  description = "The size of a node's boot disk, in GB."
}

variable "release_channel" {
  type        = string
  description = "The release channel, which decides how soon GKE upgrades the cluster."
}

variable "deletion_protection" {
  type        = bool
  description = "Whether Terraform refuses to delete the cluster."
}

variable "private_endpoint" {
  type        = bool
  description = "Whether the control plane has no public address; you must then apply from within the network."
  default     = false
}

variable "authorized_networks" {
  type        = map(string)
  description = "The address ranges, by name, that may reach the control plane. Set it in own.tfvars."
  default     = {}
}

variable "binary_authorization" {
  type        = bool
  description = "Whether only images that the project's binary authorization policy admits may run."
}

variable "security_group" {
  type        = string
  description = "The group gke-security-groups@…, whose members RBAC may name; null for none."
  default     = null
}

variable "nodes_cidr" {
  type        = string
  description = "The address range of nodes."
}

variable "pods_cidr" {
  type        = string
  description = "The address range of pods."
}

variable "services_cidr" {
  type        = string
  description = "The address range of Kubernetes services."
}

variable "control_plane_cidr" {
  type        = string
  description = "A /28 range for the control plane."
}

variable "backup_location" {
  type        = string
  description = "The location of backups: a region, or US or EU to survive the loss of a region."
}

variable "backup_days" {
  type        = number
  description = "For how many days replaced or deleted objects can be recovered."
}

variable "image_readers" {
  type        = map(string)
  description = "The IAM members that pull images besides the nodes of this cluster: those of other environments."
  default     = {}
}

variable "image_writers" {
  type        = map(string)
  description = "The IAM members that push images, by name, such as Cloud Build's account."
  default     = {}
}

variable "kms_key" {
  type        = string
  description = "The full name of a KMS key for Secrets, boot disks, backups and images, not for the volumes of FoundationDB, whose StorageClass has a key of its own; null for Google's own key. The service agents of GKE, Compute Engine, Cloud Storage and Artifact Registry must be allowed to use it."
  default     = null
}

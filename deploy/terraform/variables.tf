variable "project_id" {
  type        = string
  description = "The project, which the repository does not know: give it in own.tfvars."
}

variable "environment" {
  type        = string
  description = "Which environment this is."

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "Must be dev, staging or prod."
  }
}

variable "cluster_name" {
  type        = string
  description = "The name of the cluster, and of all that belongs to it."
}

variable "region" {
  type        = string
  description = "Where everything is."
}

variable "location" {
  type        = string
  description = "The region, for a control plane in several zones, or one zone of it."
}

variable "node_locations" {
  type        = list(string)
  description = "The zones of the nodes."
}

variable "node_count" {
  type        = number
  description = "The least number of nodes, in all zones together."
}

variable "max_node_count" {
  type        = number
  description = "The greatest number of nodes, in all zones together."
}

variable "machine_type" {
  type        = string
  description = "The machine of a node."
}

variable "disk_size_gb" {
  type        = number
  description = "The boot disk of a node, in GB."
}

variable "release_channel" {
  type        = string
  description = "How soon GKE upgrades the cluster."
}

variable "deletion_protection" {
  type        = bool
  description = "Whether Terraform refuses to delete the cluster."
}

variable "private_endpoint" {
  type        = bool
  description = "Whether the control plane has no public address: then apply from within the network."
  default     = false
}

variable "authorized_networks" {
  type        = map(string)
  description = "Who may talk to the control plane: ranges by a name. Give it beside the project."
  default     = {}
}

variable "binary_authorization" {
  type        = bool
  description = "Whether only images that the project's policy admits may run."
}

variable "security_group" {
  type        = string
  description = "The group gke-security-groups@… whose members RBAC may name; null for none."
  default     = null
}

variable "nodes_cidr" {
  type        = string
  description = "The addresses of nodes."
}

variable "pods_cidr" {
  type        = string
  description = "The addresses of pods."
}

variable "services_cidr" {
  type        = string
  description = "The addresses of Kubernetes services."
}

variable "control_plane_cidr" {
  type        = string
  description = "A /28 for the control plane."
}

variable "backup_location" {
  type        = string
  description = "Where backups lie: a region, or US or EU to outlive one."
}

variable "backup_days" {
  type        = number
  description = "For how many days what was replaced or deleted can be had back."
}

variable "image_readers" {
  type        = map(string)
  description = "Who pulls images beside the nodes of this cluster: those of the other environments."
  default     = {}
}

variable "image_writers" {
  type        = map(string)
  description = "Who pushes images: members of IAM policies by a name, like Cloud Build's account."
  default     = {}
}

variable "kms_key" {
  type        = string
  description = "A key (its full name) for Secrets, disks, backups and images, which the service agents of GKE, Compute Engine, Cloud Storage and Artifact Registry may use; null for Google's own."
  default     = null
}

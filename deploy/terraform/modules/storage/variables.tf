variable "project_id" {
  type        = string
  description = "The project that holds the bucket and the registry."
}

variable "name" {
  type        = string
  description = "What the registry is called, and the beginning of the backup account's name."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,22}$", var.name))
    error_message = "Must be 3 to 23 small letters, digits and hyphens."
  }
}

variable "backup_bucket" {
  type        = string
  description = "The name of the bucket of backups, which must be new in all of Google Cloud."
}

variable "backup_location" {
  type        = string
  description = "Where backups lie: a region, or US or EU to outlive one."
}

variable "backup_days" {
  type        = number
  description = "For how many days what was replaced or deleted can be had back."
  default     = 30

  validation {
    condition     = var.backup_days >= 7 && var.backup_days <= 90
    error_message = "Must be 7 to 90, which is what soft deletion takes."
  }
}

variable "registry_location" {
  type        = string
  description = "Where images lie: the region of the cluster."
}

variable "images_kept" {
  type        = number
  description = "How many versions of an image are never deleted: more than prod is ever behind."
  default     = 200
}

variable "image_readers" {
  type        = map(string)
  description = "Who pulls images: members of IAM policies by a name."
  default     = {}
}

variable "image_writers" {
  type        = map(string)
  description = "Who pushes images: members of IAM policies by a name."
  default     = {}
}

variable "kms_key" {
  type        = string
  description = "A key (its full name) for the bucket and the registry; null for Google's own."
  default     = null
}

variable "labels" {
  type        = map(string)
  description = "Labels of the bucket and the registry."
  default     = {}
}

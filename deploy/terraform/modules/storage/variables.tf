variable "project_id" {
  type        = string
  description = "The project that holds the bucket and the registry."
}

variable "name" {
  type        = string
  description = "The name of the registry, and the prefix of the backup account's name."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,22}$", var.name))
    error_message = "Must be 3 to 23 characters: a-z, 0-9 and hyphens."
  }
}

variable "backup_bucket" {
  type        = string
  description = "The name of the bucket for backups, which must be unique in all of Google Cloud."
}

variable "backup_location" {
  type        = string
  description = "The location of backups: a region, or US or EU to survive the loss of a region."
}

variable "backup_days" {
  type        = number
  description = "For how many days replaced or deleted objects can be recovered."
  default     = 30

  validation {
    condition     = var.backup_days >= 7 && var.backup_days <= 90
    error_message = "Must be 7 to 90, the range of soft delete."
  }
}

variable "registry_location" {
  type        = string
  description = "The location of images: the region of the cluster."
}

variable "images_kept" {
  type        = number
  description = "How many versions of an image are never deleted: more than prod ever lags behind."
  default     = 200
}

variable "image_readers" {
  type        = map(string)
  description = "The IAM members that pull images, by name."
  default     = {}
}

variable "image_writers" {
  type        = map(string)
  description = "The IAM members that push images, by name."
  default     = {}
}

variable "kms_key" {
  type        = string
  description = "The full name of a KMS key for the bucket and the registry; null for Google's own key."
  default     = null
}

variable "labels" {
  type        = map(string)
  description = "Labels of the bucket and the registry."
  default     = {}
}

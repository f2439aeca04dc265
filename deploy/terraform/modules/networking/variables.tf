variable "project_id" {
  type        = string
  description = "The project that holds the network."
}

variable "name" {
  type        = string
  description = "The name of the network and of everything that belongs to it."
}

variable "region" {
  type        = string
  description = "The region of the subnet, the router and the NAT."
}

variable "nodes_cidr" {
  type        = string
  description = "The address range of nodes."

  validation {
    condition     = can(cidrhost(var.nodes_cidr, 0))
    error_message = "Must be a range like 10.0.0.0/20."
  }
}

variable "pods_cidr" {
  type        = string
  description = "The address range of pods; each node takes a /24 of it."

  validation {
    condition     = can(cidrhost(var.pods_cidr, 0))
    error_message = "Must be a range like 10.4.0.0/14."
  }
}

variable "services_cidr" {
  type        = string
  description = "The address range of Kubernetes services."

  validation {
    condition     = can(cidrhost(var.services_cidr, 0))
    error_message = "Must be a range like 10.8.0.0/20."
  }
}

variable "control_plane_cidr" {
  type        = string
  description = "The address range of the cluster's control plane."

  validation {
    condition     = can(regex("/28$", var.control_plane_cidr)) && can(cidrhost(var.control_plane_cidr, 0))
    error_message = "Must be a /28, like 172.16.0.0/28."
  }
}

variable "webhook_ports" {
  type        = list(string)
  description = "Ports of webhooks in the cluster, other than 443 and 10250."
  default     = []
}

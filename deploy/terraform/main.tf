# One environment: its network, its cluster, its storage. environments/*/terraform.tfvars has what
# differs between environments.

locals {
  labels = {
    environment = var.environment
    managed_by  = "terraform"
  }

  services = [
    "artifactregistry.googleapis.com",
    "binaryauthorization.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "compute.googleapis.com",
    "container.googleapis.com",
    "containerscanning.googleapis.com",
    "iam.googleapis.com",
    "storage.googleapis.com",
  ]
}

provider "google" {
  project = var.project_id
  region  = var.region
}

resource "google_project_service" "main" {
  for_each   = toset(local.services)
  depends_on = [terraform_data.owner]

  project            = var.project_id
  service            = each.value
  disable_on_destroy = false
}

module "networking" {
  source     = "./modules/networking"
  depends_on = [google_project_service.main]

  project_id         = var.project_id
  name               = var.cluster_name
  region             = var.region
  nodes_cidr         = var.nodes_cidr
  pods_cidr          = var.pods_cidr
  services_cidr      = var.services_cidr
  control_plane_cidr = var.control_plane_cidr
}

module "cluster" {
  source     = "./modules/gke-cluster"
  depends_on = [google_project_service.main]

  project_id           = var.project_id
  name                 = var.cluster_name
  location             = var.location
  node_locations       = var.node_locations
  deletion_protection  = var.deletion_protection
  network              = module.networking.network
  subnetwork           = module.networking.subnetwork
  pods_range           = module.networking.pods_range
  services_range       = module.networking.services_range
  node_tag             = module.networking.node_tag
  control_plane_cidr   = var.control_plane_cidr
  private_endpoint     = var.private_endpoint
  authorized_networks  = var.authorized_networks
  node_count           = var.node_count
  max_node_count       = var.max_node_count
  machine_type         = var.machine_type
  disk_size_gb         = var.disk_size_gb
  release_channel      = var.release_channel
  binary_authorization = var.binary_authorization
  security_group       = var.security_group
  kms_key              = var.kms_key
  labels               = local.labels
}

module "storage" {
  source     = "./modules/storage"
  depends_on = [google_project_service.main]

  project_id        = var.project_id
  name              = var.cluster_name
  backup_bucket     = "${var.project_id}-${var.cluster_name}-backups"
  backup_location   = var.backup_location
  backup_days       = var.backup_days
  registry_location = var.region
  image_readers     = merge({ nodes = module.cluster.node_member }, var.image_readers)
  image_writers     = var.image_writers
  kms_key           = var.kms_key
  labels            = local.labels
}

environment  = "dev"
cluster_name = "codi-poc-e2-cluster"

# One zone: cheap, but dev is down if the zone is down.
region         = "us-central1"
location       = "us-central1-a"
node_locations = ["us-central1-a"]

node_count     = 3
max_node_count = 4
machine_type   = "e2-standard-4"
disk_size_gb   = 100

release_channel      = "REGULAR"
deletion_protection  = false
binary_authorization = false

nodes_cidr         = "10.0.0.0/20"
pods_cidr          = "10.4.0.0/16"
services_cidr      = "10.8.0.0/20"
control_plane_cidr = "172.16.0.0/28"

backup_location = "us-central1"
backup_days     = 7

environment  = "staging"
cluster_name = "coditect-staging"

# Three zones like prod, so that the loss of one can be practiced here. Two copies need three nodes.
region         = "us-central1"
location       = "us-central1"
node_locations = ["us-central1-a", "us-central1-b", "us-central1-c"]

node_count     = 3
max_node_count = 6
machine_type   = "e2-standard-4"
disk_size_gb   = 100

release_channel      = "REGULAR"
deletion_protection  = false
binary_authorization = false

nodes_cidr         = "10.16.0.0/20"
pods_cidr          = "10.20.0.0/16"
services_cidr      = "10.24.0.0/20"
control_plane_cidr = "172.16.0.16/28"

backup_location = "us-central1"
backup_days     = 7

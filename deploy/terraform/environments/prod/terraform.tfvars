environment  = "prod"
cluster_name = "coditect-prod"

# Two nodes in each of three zones: three copies of all data survive the loss of any two nodes, and
# so of a zone.
region         = "us-central1"
location       = "us-central1"
node_locations = ["us-central1-a", "us-central1-b", "us-central1-c"]

node_count     = 6
max_node_count = 15
machine_type   = "e2-standard-4"
disk_size_gb   = 100

release_channel      = "STABLE"
deletion_protection  = true
binary_authorization = true

nodes_cidr         = "10.32.0.0/20"
pods_cidr          = "10.36.0.0/16"
services_cidr      = "10.40.0.0/20"
control_plane_cidr = "172.16.0.32/28"

# In several regions, because the backup is needed when this region is lost.
backup_location = "US"
backup_days     = 30

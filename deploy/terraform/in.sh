#!/bin/sh
# Runs Terraform in one environment, as in `sh in.sh dev plan`: with the state and the settings of
# one folder, never those of another. `apply` applies the last plan, and nothing else.
set -eu
cd "$(dirname "$0")"
here=environments/${1:-}
[ $# -gt 1 ] && [ -f "$here/backend.hcl" ] || {
  echo "usage: sh in.sh $(cd environments && echo * | tr ' ' '|') <terraform command> ..." >&2
  exit 2
}
shift

settings=$(printf ' -var-file=%s' "$here"/*.tfvars)
export TF_DATA_DIR="$here/.terraform" TF_CLI_ARGS_init="-backend-config=$here/backend.hcl"
export TF_CLI_ARGS_plan="$settings -out=$here/terraform.tfplan"
export TF_CLI_ARGS_import="$settings" TF_CLI_ARGS_console="$settings"
case $1 in
  plan) rm -f "$here/terraform.tfplan" ;; # A plan that fails must not leave an older one to apply.
  apply) set -- "$@" "$here/terraform.tfplan" ;;
esac
exec terraform "$@"

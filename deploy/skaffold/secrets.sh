#!/bin/sh
# Creates the Secrets that the chart needs, each with a new key, unless they exist. For a trial on
# your own cluster: elsewhere keys are created once and kept (docs/runbooks/rotate-keys.md).
set -eu
namespace=coditect-app
kube() { kubectl ${SKAFFOLD_KUBE_CONTEXT:+--context "$SKAFFOLD_KUBE_CONTEXT"} --namespace "$namespace" "$@"; }

kube get namespace "$namespace" >/dev/null 2>&1 || kube create namespace "$namespace"
for name in service-keys auth-seal-keys tenants-seal-keys sessions-seal-keys; do
  kube get secret "coditect-$name" >/dev/null 2>&1 && continue
  # 32 bytes in base64url, passed through a pipe, because any user can see a command line.
  head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n' |
    kube create secret generic "coditect-$name" --from-file=keys=/dev/stdin
done

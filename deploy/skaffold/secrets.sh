#!/bin/sh
# The Secrets that the chart asks for, each with a new key, where they are not yet there. For a trial
# on a cluster of one's own: elsewhere keys are made once and kept (docs/runbooks/rotate-keys.md).
set -eu
namespace=coditect-app
kube() { kubectl ${SKAFFOLD_KUBE_CONTEXT:+--context "$SKAFFOLD_KUBE_CONTEXT"} --namespace "$namespace" "$@"; }

kube get namespace "$namespace" >/dev/null 2>&1 || kube create namespace "$namespace"
for name in service-keys auth-seal-keys tenants-seal-keys sessions-seal-keys; do
  kube get secret "coditect-$name" >/dev/null 2>&1 && continue
  # 32 bytes in base64url, handed over by a pipe: a command line is for everybody to see.
  head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n' |
    kube create secret generic "coditect-$name" --from-file=keys=/dev/stdin
done

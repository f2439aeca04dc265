{{/* What a schema cannot see: values that do not go together. */}}
{{- define "coditect.checks" -}}
{{- if eq .Values.store.kind "embedded" }}
{{- range $name, $service := .Values.services }}
{{- if or $service.autoscaling.enabled (gt (int $service.replicas) 1) }}
{{- fail (printf "services.%s: the embedded store is one file, so there can be one replica only: set replicas to 1 and autoscaling off, or store.kind to foundationdb" $name) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $name, $workload := include "coditect.workloads" . | fromYaml }}
{{- if gt (int $workload.autoscaling.minReplicas) (int $workload.autoscaling.maxReplicas) }}
{{- fail (printf "%s: autoscaling.minReplicas is more than maxReplicas" $name) }}
{{- end }}
{{- if and $workload.autoscaling.enabled (ge (include "coditect.millicores" $workload.autoscaling.cpu | int) (include "coditect.millicores" $workload.resources.limits.cpu | int)) }}
{{- fail (printf "%s: autoscaling.cpu is not less than resources.limits.cpu, so no pod would ever be added" $name) }}
{{- end }}
{{- end }}
{{- if and (eq .Values.mesh.issuer.mode "ca") (not .Values.mesh.issuer.caSecretName) }}
{{- fail "mesh.issuer.caSecretName is missing: in which Secret is the authority?" }}
{{- end }}
{{- if and (eq .Values.mesh.issuer.mode "existing") (not .Values.mesh.issuer.name) }}
{{- fail "mesh.issuer.name is missing: which issuer signs?" }}
{{- end }}
{{- include "coditect.checkHashing" .Values.services.auth }}
{{- end }}

{{/* Auth without hashing takes up to 130 MB. Each thread that hashes takes the memory of one hash. */}}
{{- define "coditect.checkHashing" -}}
{{- $threads := include "coditect.hashThreads" . | int }}
{{- $each := div (add (.settings.ARGON2_MEMORY_KIB | default "19456" | int) 1023) 1024 }}
{{- $needed := add 130 (mul $threads $each) }}
{{- if lt (include "coditect.mebibytes" .resources.limits.memory | int) (int $needed) }}
{{- fail (printf "services.auth.resources.limits.memory is %s, but hashing with HASH_THREADS=%d may take it to %dMi" .resources.limits.memory $threads $needed) }}
{{- end }}
{{- end }}

{{/* As many threads as the container has whole cores: more would only wait for each other. */}}
{{- define "coditect.hashThreads" -}}
{{- .settings.HASH_THREADS | default (include "coditect.cores" .resources.limits.cpu) -}}
{{- end }}

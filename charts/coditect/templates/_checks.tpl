{{/* Checks that a schema cannot express: values that contradict each other. */}}
{{- define "coditect.checks" -}}
{{- if eq .Values.store.kind "embedded" }}
{{- range $name, $service := .Values.services }}
{{- if or $service.autoscaling.enabled (gt (int $service.replicas) 1) }}
{{- fail (printf "services.%s: the embedded store is a single file, so only one replica is possible: set replicas to 1 and disable autoscaling, or set store.kind to foundationdb" $name) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $name, $workload := include "coditect.workloads" . | fromYaml }}
{{- if gt (int $workload.autoscaling.minReplicas) (int $workload.autoscaling.maxReplicas) }}
{{- fail (printf "%s: autoscaling.minReplicas is greater than maxReplicas" $name) }}
{{- end }}
{{- if and $workload.autoscaling.enabled (ge (include "coditect.millicores" $workload.autoscaling.cpu | int) (include "coditect.millicores" $workload.resources.limits.cpu | int)) }}
{{- fail (printf "%s: autoscaling.cpu must be less than resources.limits.cpu, or no pod would ever be added" $name) }}
{{- end }}
{{- end }}
{{- if and (eq .Values.mesh.issuer.mode "ca") (not .Values.mesh.issuer.caSecretName) }}
{{- fail "mesh.issuer.caSecretName is missing: it names the Secret with the CA" }}
{{- end }}
{{- if and (eq .Values.mesh.issuer.mode "existing") (not .Values.mesh.issuer.name) }}
{{- fail "mesh.issuer.name is missing: it names the issuer that signs certificates" }}
{{- end }}
{{- include "coditect.checkHashing" .Values.services.auth }}
{{- end }}

{{/* Without hashing, auth uses up to 130 MB. Each hashing thread uses the memory of one hash. */}}
{{- define "coditect.checkHashing" -}}
{{- $threads := include "coditect.hashThreads" . | int }}
{{- $each := div (add (.settings.ARGON2_MEMORY_KIB | default "19456" | int) 1023) 1024 }}
{{- $needed := add 130 (mul $threads $each) }}
{{- if lt (include "coditect.mebibytes" .resources.limits.memory | int) (int $needed) }}
{{- fail (printf "services.auth.resources.limits.memory is %s, but hashing with HASH_THREADS=%d may need %dMi" .resources.limits.memory $threads $needed) }}
{{- end }}
{{- end }}

{{/* One thread for each whole core of the container: more would only wait for each other. */}}
{{- define "coditect.hashThreads" -}}
{{- .settings.HASH_THREADS | default (include "coditect.cores" .resources.limits.cpu) -}}
{{- end }}

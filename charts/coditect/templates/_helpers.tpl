{{/* The four workloads by name. */}}
{{- define "coditect.workloads" -}}
{{- merge (dict "gateway" .Values.gateway) .Values.services | toYaml -}}
{{- end }}

{{/* The workloads that each workload calls. A test compares this with the contract. */}}
{{- define "coditect.calls" -}}
gateway: [auth, sessions, tenants]
auth: [sessions, tenants]
sessions: [auth]
tenants: [auth, sessions]
{{- end }}

{{/* The labels that select the pods of a workload: (dict "root" $ "name" "auth"). */}}
{{- define "coditect.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{/* All labels of the objects of a workload. */}}
{{- define "coditect.labels" -}}
{{ include "coditect.selector" . }}
app.kubernetes.io/part-of: coditect
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* The image called "services" or "gateway": (dict "root" $ "image" "services"). */}}
{{- define "coditect.image" -}}
{{- $image := index .root.Values.images .image -}}
{{- $given := required (printf "images.%s.repository is missing: it names the repository of the image" .image) $image.repository -}}
{{- if eq $image.tag "latest" -}}
{{- fail (printf "images.%s.tag is latest, which does not say which version runs: set a version or a digest" .image) -}}
{{- end -}}
{{- if $image.digest -}}
{{ $given }}@{{ $image.digest }}
{{- else -}}
{{ $given }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* The `iss` of tokens: the URL of the gateway for users. Without a host, a name for trials. */}}
{{- define "coditect.issuer" -}}
{{- if .Values.tokens.issuer -}}
{{ .Values.tokens.issuer }}
{{- else -}}
https://{{ .Values.ingress.host | default "coditect.local" }}
{{- end -}}
{{- end }}

{{/* The `aud` of access tokens. */}}
{{- define "coditect.audience" -}}
{{ .Values.tokens.audience | default (printf "%s/api/v5" (include "coditect.issuer" .)) }}
{{- end }}

{{/* The minimum number of replicas of a workload. */}}
{{- define "coditect.replicas" -}}
{{- if .autoscaling.enabled }}{{ .autoscaling.minReplicas }}{{ else }}{{ .replicas }}{{ end -}}
{{- end }}

{{/* A CPU quantity in millicores. */}}
{{- define "coditect.millicores" -}}
{{- if hasSuffix "m" . -}}
{{ trimSuffix "m" . }}
{{- else -}}
{{ mul . 1000 }}
{{- end -}}
{{- end }}

{{/* The whole cores in a CPU quantity, at least one. */}}
{{- define "coditect.cores" -}}
{{ max 1 (div (include "coditect.millicores" .) 1000) }}
{{- end }}

{{/* A memory quantity in MiB. */}}
{{- define "coditect.mebibytes" -}}
{{- if hasSuffix "Gi" . -}}
{{ mul (trimSuffix "Gi" . | int) 1024 }}
{{- else -}}
{{ trimSuffix "Mi" . | int }}
{{- end -}}
{{- end }}

{{/*
The environment: variables that the chart sets, and settings from the values. A setting for a
variable that the chart sets is rejected, because the parts would not find each other.
(dict "decided" … "given" … "where" "sidecar")
*/}}
{{- define "coditect.env" -}}
{{- range $name, $value := .given }}
{{- if has $name (list "SERVICE_KEYS" "SEAL_KEYS" "MAIL_URL") }}
{{- fail (printf "%s.settings.%s: secrets cannot be values; name a Secret in secrets or mail" $.where $name) }}
{{- end }}
{{- if eq $name "OTEL_EXPORTER_OTLP_ENDPOINT" }}
{{- fail (printf "%s.settings.%s: set tracing, which also opens the network" $.where $name) }}
{{- end }}
{{- if hasKey $.decided $name }}
{{- fail (printf "%s.settings.%s: the chart sets this one" $.where $name) }}
{{- end }}
{{- end }}
{{- range $name, $value := merge (dict) .decided .given }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{/* Adds where traces go to the settings that the chart decides: (dict "root" $ "decided" …). */}}
{{- define "coditect.addTracing" -}}
{{- with .root.Values.tracing }}
{{- if .endpoint }}
{{- $_ := set $.decided "OTEL_EXPORTER_OTLP_ENDPOINT" .endpoint }}
{{- $_ := set $.decided "OTEL_TRACES_SAMPLER" .sampler }}
{{- $_ := set $.decided "OTEL_TRACES_SAMPLER_ARG" .samplerArg }}
{{- end }}
{{- end }}
{{- end }}

{{/* The security context of every container. */}}
{{- define "coditect.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* The security context of every pod. */}}
{{- define "coditect.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

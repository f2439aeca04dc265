{{/* The four workloads by name. */}}
{{- define "coditect.workloads" -}}
{{- merge (dict "gateway" .Values.gateway) .Values.services | toYaml -}}
{{- end }}

{{/* Whom each workload calls. The contract decides that; a test compares. */}}
{{- define "coditect.calls" -}}
gateway: [auth, sessions, tenants]
auth: [sessions, tenants]
sessions: [auth]
tenants: [auth, sessions]
{{- end }}

{{/* The labels that find the pods of a workload: (dict "root" $ "name" "auth"). */}}
{{- define "coditect.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{/* All labels of what belongs to a workload. */}}
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
{{- $given := required (printf "images.%s.repository is missing: where is the image?" .image) $image.repository -}}
{{- if eq $image.tag "latest" -}}
{{- fail (printf "images.%s.tag is latest, and nobody could say what runs: name a version, or a digest" .image) -}}
{{- end -}}
{{- if $image.digest -}}
{{ $given }}@{{ $image.digest }}
{{- else -}}
{{ $given }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* The fewest replicas of a workload. */}}
{{- define "coditect.replicas" -}}
{{- if .autoscaling.enabled }}{{ .autoscaling.minReplicas }}{{ else }}{{ .replicas }}{{ end -}}
{{- end }}

{{/* The thousandths of a core in a quantity of processor time. */}}
{{- define "coditect.millicores" -}}
{{- if hasSuffix "m" . -}}
{{ trimSuffix "m" . }}
{{- else -}}
{{ mul . 1000 }}
{{- end -}}
{{- end }}

{{/* The whole cores in a quantity of processor time, one at the least. */}}
{{- define "coditect.cores" -}}
{{ max 1 (div (include "coditect.millicores" .) 1000) }}
{{- end }}

{{/* The MiB in a quantity of memory. */}}
{{- define "coditect.mebibytes" -}}
{{- if hasSuffix "Gi" . -}}
{{ mul (trimSuffix "Gi" . | int) 1024 }}
{{- else -}}
{{ trimSuffix "Mi" . | int }}
{{- end -}}
{{- end }}

{{/*
Environment: what the chart decides, and the settings that may be given. One that the chart decides
is refused, or the parts would not find each other. (dict "decided" … "given" … "where" "sidecar")
*/}}
{{- define "coditect.env" -}}
{{- range $name, $value := .given }}
{{- if has $name (list "SERVICE_KEYS" "SEAL_KEYS" "MAIL_URL") }}
{{- fail (printf "%s.settings.%s: no value is a secret; name a Secret in secrets or mail" $.where $name) }}
{{- end }}
{{- if hasKey $.decided $name }}
{{- fail (printf "%s.settings.%s: the chart decides this one" $.where $name) }}
{{- end }}
{{- end }}
{{- range $name, $value := merge (dict) .decided .given }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{/* What no container of ours may do. */}}
{{- define "coditect.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Who every pod of ours is. */}}
{{- define "coditect.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* The labels that select the pods. */}}
{{- define "frontend.selector" -}}
app.kubernetes.io/name: frontend
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* All labels. */}}
{{- define "frontend.labels" -}}
{{ include "frontend.selector" . }}
app.kubernetes.io/part-of: coditect
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "frontend.image" -}}
{{- with .Values.image -}}
{{- $given := required "image.repository is missing: it names the repository of the image" .repository -}}
{{- if eq .tag "latest" -}}
{{- fail "image.tag is latest, which does not say which version runs: set a version or a digest" -}}
{{- end -}}
{{- if .digest -}}
{{ $given }}@{{ .digest }}
{{- else -}}
{{ $given }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* All labels of the objects of this chart. */}}
{{- define "foundationdb.labels" -}}
app.kubernetes.io/name: foundationdb
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: coditect
app.kubernetes.io/version: {{ .Values.version | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* The ServiceAccount of the servers. */}}
{{- define "foundationdb.account" -}}
{{ .Values.cluster }}-foundationdb
{{- end }}

{{/* What each redundancy needs; values.yaml explains why. `spare`: how many may fail at once. */}}
{{- define "foundationdb.needs" -}}
single: {spare: 0, storage: 1, log: 1}
double: {spare: 1, storage: 3, log: 3}
triple: {spare: 2, storage: 5, log: 5}
three_data_hall: {spare: 2, storage: 9, log: 6}
{{- end }}

{{/* A memory quantity in MiB. */}}
{{- define "foundationdb.mebibytes" -}}
{{- if hasSuffix "Gi" . -}}
{{ mul (trimSuffix "Gi" . | int) 1024 }}
{{- else -}}
{{ trimSuffix "Mi" . | int }}
{{- end -}}
{{- end }}

{{/* Checks that a schema cannot express: values that contradict each other. */}}
{{- define "foundationdb.checks" -}}
{{- $needs := index (include "foundationdb.needs" . | fromYaml) .Values.redundancy }}
{{- range $class := list "storage" "log" }}
{{- $count := index $.Values.processes $class "count" | int }}
{{- if lt $count (index $needs $class | int) }}
{{- fail (printf "processes.%s.count is %d, but redundancy %s needs at least %v" $class $count $.Values.redundancy (index $needs $class)) }}
{{- end }}
{{- end }}
{{- if and .Values.tls.enabled (not .Values.tls.secretName) }}
{{- fail "tls.secretName is missing: it names the Secret with the certificate" }}
{{- end }}
{{- end }}

{{/* The security context of every container. */}}
{{- define "foundationdb.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* The security context of every pod, with the user of FoundationDB's images. */}}
{{- define "foundationdb.podSecurity" -}}
runAsNonRoot: true
runAsUser: 4059
runAsGroup: 4059
fsGroup: 4059
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* The variables with the paths of the certificates. */}}
{{- define "foundationdb.tlsEnv" -}}
- name: FDB_TLS_CERTIFICATE_FILE
  value: /var/run/fdb-tls/tls.crt
- name: FDB_TLS_KEY_FILE
  value: /var/run/fdb-tls/tls.key
- name: FDB_TLS_CA_FILE
  value: /var/run/fdb-tls/ca.crt
{{- end }}

{{/* The placement of pods of every class. */}}
{{- define "foundationdb.placement" -}}
{{- with .Values.pods.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.pods.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.pods.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

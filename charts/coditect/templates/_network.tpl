{{/* The callers that may connect to a workload. The kubelet always may. */}}
{{- define "coditect.ingressRules" -}}
{{- $network := .root.Values.networkPolicy -}}
- from:
    {{- if eq .name "gateway" }}
    {{- with $network.ingressController }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- include "coditect.peer" (dict "root" .root "name" "ready-test") | nindent 4 }}
    {{- else }}
    {{- range $caller, $callees := .calls }}
    {{- if has $.name $callees }}
    {{- include "coditect.peer" (dict "root" $.root "name" $caller) | nindent 4 }}
    {{- end }}
    {{- end }}
    {{- end }}
  ports:
    - port: {{ ternary 8080 8443 (eq .name "gateway") }}
{{- if .root.Values.monitoring.enabled }}
- from:
    {{- toYaml $network.prometheus | nindent 4 }}
  ports:
    - port: 8081
{{- end }}
{{- end }}

{{/* The targets that a workload may connect to. */}}
{{- define "coditect.egressRules" -}}
{{- $values := .root.Values -}}
- to:
    {{- range $callee := index .calls .name }}
    {{- include "coditect.peer" (dict "root" $.root "name" $callee) | nindent 4 }}
    {{- end }}
  ports:
    - port: 8443
{{- if and (ne .name "gateway") (eq $values.store.kind "foundationdb") }}
- to:
    - podSelector:
        matchLabels:
          foundationdb.org/fdb-cluster-name: {{ $values.store.foundationdb.cluster }}
  ports:
    # 4501 without TLS, 4500 with TLS; both while a cluster changes from one to the other.
    - port: 4500
    - port: 4501
{{- end }}
{{- if and (has .name (list "auth" "tenants")) $values.mail.secretName }}
- ports:
    - port: {{ $values.mail.port }}
  {{- with $values.mail.to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- with $values.tracing }}
{{- if .endpoint }}
- ports:
    - port: {{ regexFind "[0-9]+$" .endpoint }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}
{{- with $values.breachedPasswords }}
{{- if and (eq $.name "auth") .url }}
- ports:
    - port: {{ .port }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}
{{- $documents := and (eq .name "auth") $values.clientMetadataDocuments.enabled }}
{{- if or $documents (and (eq .name "tenants") $values.webhooks.enabled) }}
- ports:
    - port: 443
  to:
    # Public addresses; the service checks the same by itself, and more closely.
    - ipBlock:
        cidr: 0.0.0.0/0
        except: [0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16, 224.0.0.0/3]
    - ipBlock:
        cidr: 2000::/3
{{- end }}
{{ include "coditect.dnsRule" .root }}
{{- end }}

{{- define "coditect.peer" -}}
- podSelector:
    matchLabels:
      {{- include "coditect.selector" . | nindent 6 }}
{{- end }}

{{- define "coditect.dnsRule" -}}
- to:
    {{- toYaml .Values.networkPolicy.dns | nindent 4 }}
  ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- end }}

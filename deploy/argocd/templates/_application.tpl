{{/*
One Application: (dict "root" $ "name" … "wave" … "project" … "namespace" … "source" …). Optional:
"data": it holds data, or what data needs; "options": additional sync options; "labels": labels of
the namespace.

An application with data is deleted only after a person confirms it, and leaves the objects that it
created. Everything uses server-side apply: FoundationDB's CRDs are too large for client-side apply.
*/}}
{{- define "argocd.application" -}}
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    app.kubernetes.io/part-of: coditect
  annotations:
    argocd.argoproj.io/sync-wave: {{ .wave | quote }}
    {{- if .data }}
    argocd.argoproj.io/sync-options: Prune=confirm,Delete=confirm
    {{- end }}
  {{- if not .data }}
  finalizers: [resources-finalizer.argocd.argoproj.io]
  {{- end }}
spec:
  project: {{ .project }}
  destination:
    server: https://kubernetes.default.svc
    namespace: {{ .namespace }}
  source:
    {{- toYaml .source | nindent 4 }}
  syncPolicy:
    automated:
      prune: {{ ne .name "foundationdb" }}
      selfHeal: true
    {{- with .labels }}
    managedNamespaceMetadata:
      labels:
        {{- toYaml . | nindent 8 }}
    {{- end }}
    syncOptions:
      - CreateNamespace=true
      - ServerSideApply=true
      {{- range .options }}
      - {{ . }}
      {{- end }}
    retry:
      limit: 5
      backoff:
        duration: 10s
        factor: 2
        maxDuration: 3m
{{- end }}

{{/* A third-party chart: (dict "operator" … "name" "operators.certManager" "chart" …). */}}
{{- define "argocd.foreignChart" -}}
repoURL: {{ required (printf "%s.repoURL is missing: it is the address of its chart repository" .name) .operator.repoURL }}
chart: {{ .chart }}
targetRevision: {{ .operator.version }}
{{- end }}

{{/* A chart of this repository: (dict "root" $ "path" "charts/coditect"). */}}
{{- define "argocd.ownChart" -}}
repoURL: {{ .root.Values.repoURL }}
targetRevision: {{ .root.Values.targetRevision }}
path: {{ .path }}
{{- end }}

{{/* The values for the charts that have an Ingress. */}}
{{- define "argocd.ingress" -}}
{{- if .Values.host }}
{{- with .Values.ingress }}
ingress:
  host: {{ $.Values.host }}
  className: {{ required "ingress.className is missing: it is the class of the Ingress controller" .className }}
networkPolicy:
  ingressController:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ required "ingress.namespace is missing: it is the namespace of the Ingress controller" .namespace }}
{{- end }}
{{- end }}
{{- end }}

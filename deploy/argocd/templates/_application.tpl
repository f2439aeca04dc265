{{/*
One Application: (dict "root" $ "name" … "wave" … "project" … "namespace" … "source" …), and perhaps
"data": it holds data, or what data needs; "options": more for the sync; "labels": of the namespace.

What holds data goes when a person has said so, and even then leaves what it made. Everything is
applied by the server: the definitions of FoundationDB are too big for client-side apply.
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

{{/* A chart of somebody else: (dict "operator" … "name" "operators.certManager" "chart" …). */}}
{{- define "argocd.foreignChart" -}}
repoURL: {{ required (printf "%s.repoURL is missing: where is its chart?" .name) .operator.repoURL }}
chart: {{ .chart }}
targetRevision: {{ .operator.version }}
{{- end }}

{{/* A chart of this repository: (dict "root" $ "path" "charts/coditect"). */}}
{{- define "argocd.ownChart" -}}
repoURL: {{ .root.Values.repoURL }}
targetRevision: {{ .root.Values.targetRevision }}
path: {{ .path }}
{{- end }}

{{/* How users get to the product, for the charts that have an Ingress. */}}
{{- define "argocd.ingress" -}}
{{- if .Values.host }}
{{- with .Values.ingress }}
ingress:
  host: {{ $.Values.host }}
  className: {{ required "ingress.className is missing: whose are the Ingresses?" .className }}
networkPolicy:
  ingressController:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ required "ingress.namespace is missing: who lets users in?" .namespace }}
{{- end }}
{{- end }}
{{- end }}

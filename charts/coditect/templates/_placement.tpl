{{/* The placement of a workload's pods. */}}
{{- define "coditect.placement" -}}
{{- $pods := .root.Values.pods -}}
{{- with $pods.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $pods.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pods.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pods.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - topologyKey: {{ . }}
    maxSkew: 1
    whenUnsatisfiable: {{ $pods.whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "coditect.selector" $ | nindent 8 }}
    # Pods of the version that is being replaced do not count.
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}

{{/* The volumes of a workload's pod. */}}
{{- define "coditect.volumes" -}}
{{- $store := .root.Values.store -}}
- name: run
  emptyDir: {medium: Memory, sizeLimit: 16Mi}
- name: mesh
  {{- with .root.Values.mesh.authorities }}
  {{- if .configMapName }}
  projected:
    defaultMode: 0440
    sources:
      - secret:
          name: {{ $.name }}-mesh
          items:
            - {key: tls.crt, path: tls.crt}
            - {key: tls.key, path: tls.key}
      - configMap:
          name: {{ .configMapName }}
          items:
            - {key: {{ .key | toJson }}, path: ca.crt}
  {{- else }}
  secret:
    secretName: {{ $.name }}-mesh
    defaultMode: 0440
  {{- end }}
  {{- end }}
{{- with .root.Values.breachedPasswords.file.claimName }}
{{- if eq $.name "auth" }}
- name: breached-passwords
  persistentVolumeClaim:
    claimName: {{ . }}
    readOnly: true
{{- end }}
{{- end }}
{{- if ne .name "gateway" }}
{{- if .root.Values.sidecar.socket }}
- name: socket
  emptyDir: {medium: Memory, sizeLimit: 1Mi}
{{- end }}
{{- if .root.Values.reload }}
- name: program
  emptyDir: {}
{{- end }}
{{- if eq $store.kind "embedded" }}
- name: store
  persistentVolumeClaim:
    claimName: {{ .name }}-store
{{- else }}
- name: tmp
  emptyDir: {medium: Memory, sizeLimit: 64Mi}
- name: fdb
  emptyDir: {medium: Memory, sizeLimit: 1Mi}
- name: fdb-config
  configMap:
    name: {{ $store.foundationdb.cluster }}-config
    items:
      - key: cluster-file
        path: cluster-file
{{- with $store.foundationdb.tls.secretName }}
- name: fdb-tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- end }}
{{- end }}
{{- end }}

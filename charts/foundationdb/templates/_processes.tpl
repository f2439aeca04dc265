{{/* The settings of one class of processes: (dict "root" $ "class" "storage"). */}}
{{- define "foundationdb.process" -}}
{{- $values := .root.Values -}}
{{- $process := index $values.processes .class -}}
{{- $most := div (mul 7 (include "foundationdb.mebibytes" $process.resources.limits.memory | int)) 8 -}}
{{- if le (int $most) (int $process.cacheMebibytes) }}
{{- fail (printf "processes.%s.cacheMebibytes is %v, but the server exits at %dMiB, so it does not start with that" .class $process.cacheMebibytes $most) }}
{{- end -}}
customParameters:
  - memory={{ $most }}MiB
  - cache_memory={{ $process.cacheMebibytes }}MiB
  {{- if eq $values.redundancy "three_data_hall" }}
  - locality_data_hall=$NODE_LABEL_TOPOLOGY_KUBERNETES_IO_ZONE
  {{- end }}
  {{- range $process.parameters }}
  - {{ . }}
  {{- end }}
{{- with $process.volumeSize }}
volumeClaimTemplate:
  spec:
    {{- with $values.storageClassName }}
    storageClassName: {{ . }}
    {{- end }}
    resources:
      requests:
        storage: {{ . }}
{{- end }}
podTemplate:
  metadata:
    labels:
      app.kubernetes.io/part-of: coditect
    {{- with $values.pods.annotations }}
    annotations:
      {{- toYaml . | nindent 6 }}
    {{- end }}
  {{- include "foundationdb.processPod" (dict "root" .root "class" .class "process" $process) | nindent 2 }}
{{- end }}

{{- define "foundationdb.processPod" -}}
{{- $values := .root.Values -}}
spec:
  {{- with include "foundationdb.placement" .root | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  # The monitor in each pod reports its state to the operator through annotations of the pod.
  serviceAccountName: {{ include "foundationdb.account" .root }}
  securityContext:
    {{- include "foundationdb.podSecurity" .root | nindent 4 }}
  {{- if ne $values.faultDomain "foundationdb.org/none" }}
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: {{ $values.whenUnsatisfiable }}
      labelSelector:
        matchLabels:
          foundationdb.org/fdb-cluster-name: {{ $values.cluster }}
          foundationdb.org/fdb-process-class: {{ $.class }}
    {{- end }}
  {{- end }}
  containers:
    - name: foundationdb
      resources:
        {{- toYaml .process.resources | nindent 8 }}
      securityContext:
        {{- include "foundationdb.containerSecurity" .root | nindent 8 }}
      {{- if or $values.tls.secretName (eq $values.redundancy "three_data_hall") }}
      env:
        {{- if $values.tls.secretName }}
        {{- include "foundationdb.tlsEnv" .root | nindent 8 }}
        {{- end }}
        {{- if eq $values.redundancy "three_data_hall" }}
        - name: ENABLE_NODE_WATCH
          value: "true"
        {{- end }}
      {{- end }}
      {{- if $values.tls.secretName }}
      volumeMounts:
        - name: tls
          mountPath: /var/run/fdb-tls
          readOnly: true
      {{- end }}
    - name: foundationdb-kubernetes-sidecar
      resources:
        {{- toYaml $values.sidecar.resources | nindent 8 }}
      securityContext:
        {{- include "foundationdb.containerSecurity" .root | nindent 8 }}
  {{- with $values.tls.secretName }}
  volumes:
    - name: tls
      secret:
        secretName: {{ . }}
        defaultMode: 0440
  {{- end }}
{{- end }}

{{/* The containers of a service's pod: (dict "root" $ "name" "auth" "workload" …). */}}
{{- define "coditect.serviceContainers" -}}
{{- $root := .root -}}
{{- $fdb := eq $root.Values.store.kind "foundationdb" -}}
initContainers:
  {{- if $fdb }}
  # The client rewrites the cluster file when coordinators move, so each pod needs its own copy.
  - name: cluster-file
    image: {{ include "coditect.image" (dict "root" $root "image" "services") }}
    imagePullPolicy: {{ $root.Values.images.services.pullPolicy }}
    command:
      - python
      - -c
      - |
        import pathlib, sys
        text = pathlib.Path("/var/run/fdb-config/cluster-file").read_text()
        if not text.strip():
            sys.exit("the cluster file is empty: the operator has not set up the cluster yet")
        pathlib.Path("/var/run/fdb/fdb.cluster").write_text(text)
    resources:
      {{- toYaml $root.Values.sidecar.resources | nindent 6 }}
    securityContext:
      {{- include "coditect.containerSecurity" . | nindent 6 }}
    volumeMounts:
      - name: fdb-config
        mountPath: /var/run/fdb-config
        readOnly: true
      - name: fdb
        mountPath: /var/run/fdb
  {{- end }}
  {{- if $root.Values.reload }}
  - name: program
    image: {{ include "coditect.image" (dict "root" $root "image" "services") }}
    imagePullPolicy: {{ $root.Values.images.services.pullPolicy }}
    command: [cp, -R, /app/., /program]
    resources:
      {{- toYaml $root.Values.sidecar.resources | nindent 6 }}
    securityContext:
      {{- include "coditect.containerSecurity" . | nindent 6 }}
    volumeMounts:
      - name: program
        mountPath: /program
  {{- end }}
  {{- include "coditect.sidecar" . | nindent 2 }}
containers:
  - name: service
    image: {{ include "coditect.image" (dict "root" $root "image" "services") }}
    imagePullPolicy: {{ $root.Values.images.services.pullPolicy }}
    {{- if $root.Values.reload }}
    # Restarts the program when its files have changed (SIGHUP). It also restarts a program that
    # exited by itself: one that fails now may work after the next change.
    command:
      - sh
      - -c
      - |
        trap 'kill -TERM $child' HUP
        trap 'stop=1; kill -TERM $child' TERM
        while [ -z "$stop" ]; do
          python -m "$@" & child=$!
          while kill -0 $child 2>/dev/null; do wait $child; done
          [ -n "$stop" ] || sleep 1
        done
      - reload
    {{- end }}
    args: [services.{{ .name }}]
    env:
      {{- include "coditect.serviceEnv" . | trim | nindent 6 }}
    # Port 8081 is the sidecar's, which forwards health checks. A service does not listen before it
    # has reached its store; it may take ten minutes.
    startupProbe:
      grpc: {port: 8081, service: live}
      periodSeconds: 2
      timeoutSeconds: 2
      failureThreshold: 300
    readinessProbe:
      grpc: {port: 8081, service: ""}
      periodSeconds: 5
      timeoutSeconds: 2
      failureThreshold: 2
    # This checks the service, not its store: restarting a service does not repair a database.
    livenessProbe:
      grpc: {port: 8081, service: live}
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 6
    resources:
      {{- toYaml .workload.resources | nindent 6 }}
    securityContext:
      {{- include "coditect.containerSecurity" . | nindent 6 }}
    volumeMounts:
      {{- if $root.Values.sidecar.socket }}
      - name: socket
        mountPath: /run/service
      {{- end }}
      {{- if $root.Values.reload }}
      - name: program
        mountPath: /app
      {{- end }}
      {{- if and (eq .name "auth") $root.Values.breachedPasswords.file.claimName }}
      - name: breached-passwords
        mountPath: /var/lib/breached-passwords
        readOnly: true
      {{- end }}
      {{- if $fdb }}
      - name: fdb
        mountPath: /var/run/fdb
      # FoundationDB's client stores libraries there while the cluster is upgraded.
      - name: tmp
        mountPath: /tmp
      {{- if $root.Values.store.foundationdb.tls.secretName }}
      - name: fdb-tls
        mountPath: /var/run/fdb-tls
        readOnly: true
      {{- end }}
      {{- else }}
      - name: store
        mountPath: /var/lib/coditect
      {{- end }}
{{- end }}

{{/* A native sidecar: it starts before the service, and stops after it. */}}
{{- define "coditect.sidecar" -}}
{{- $root := .root -}}
- name: sidecar
  image: {{ include "coditect.image" (dict "root" $root "image" "gateway") }}
  imagePullPolicy: {{ $root.Values.images.gateway.pullPolicy }}
  args: [run, sidecar, {{ .name }}]
  restartPolicy: Always
  env:
    {{- include "coditect.sidecarEnv" . | trim | nindent 4 }}
  ports:
    - name: mesh
      containerPort: 8443
    - name: probes
      containerPort: 8081
  startupProbe:
    httpGet: {path: /healthz, port: probes}
    periodSeconds: 1
    timeoutSeconds: 2
    failureThreshold: 60
  livenessProbe:
    httpGet: {path: /healthz, port: probes}
    periodSeconds: 10
    timeoutSeconds: 5
    failureThreshold: 6
  resources:
    {{- toYaml $root.Values.sidecar.resources | nindent 4 }}
  securityContext:
    {{- include "coditect.containerSecurity" . | nindent 4 }}
  volumeMounts:
    - name: run
      mountPath: /run/coditect
    {{- if $root.Values.sidecar.socket }}
    - name: socket
      mountPath: /run/service
    {{- end }}
    - name: mesh
      mountPath: /var/run/coditect/mesh
      readOnly: true
{{- end }}

{{/* Where a sidecar calls its service. */}}
{{- define "coditect.serviceAddress" -}}
{{ ternary "unix:/run/service/grpc" "127.0.0.1:50051" .Values.sidecar.socket }}
{{- end }}

{{/* The loopback ports where a service reaches each of the others. */}}
{{- define "coditect.outbound" -}}
auth: 15001
tenants: 15002
sessions: 15003
{{- end }}

{{- define "coditect.sidecarEnv" -}}
{{- $ports := include "coditect.outbound" . | fromYaml }}
{{- $decided := dict
  "SERVICE_ADDRESS" (include "coditect.serviceAddress" .root)
  "METRICS_ADDRESS" "127.0.0.1:9090"
  "MESH_LISTEN" "0.0.0.0:8443"
  "PROBES_LISTEN" "0.0.0.0:8081"
  "MESH_CERTIFICATES" "/var/run/coditect/mesh"
  "MESH_TRUST_DOMAIN" .root.Values.mesh.trustDomain
  "RUN_FOLDER" "/run/coditect"
  "CONTRACT" "/app/build/contract.binpb" }}
{{- range $callee := index (include "coditect.calls" . | fromYaml) .name }}
{{- $_ := set $decided (printf "%s_ADDRESS" (upper $callee)) (printf "%s:8443" $callee) }}
{{- $_ := set $decided (printf "%s_LISTEN" (upper $callee)) (printf "127.0.0.1:%v" (index $ports $callee)) }}
{{- end }}
{{- include "coditect.addTracing" (dict "root" .root "decided" $decided) }}
{{- include "coditect.env" (dict "decided" $decided "given" .root.Values.sidecar.settings "where" "sidecar") }}
{{- end }}

{{- define "coditect.serviceEnv" -}}
{{- $values := .root.Values }}
{{- $ports := include "coditect.outbound" . | fromYaml }}
{{- $given := merge (dict) .workload.settings $values.settings }}
{{- $decided := dict
  "LISTEN" (include "coditect.serviceAddress" .root)
  "METRICS_LISTEN" "127.0.0.1:9090"
  "REVISION" (coalesce $values.images.services.digest $values.images.services.tag .root.Chart.AppVersion)
  "MESH_TRUST_DOMAIN" $values.mesh.trustDomain
  "STORE_URL" (include "coditect.storeUrl" .root)
  "TOKEN_ISSUER" (include "coditect.issuer" .root)
  "TOKEN_AUDIENCE" (include "coditect.audience" .root)
  "DRAIN_SECONDS" $values.shutdown.drainSeconds
  "STOP_SECONDS" $values.shutdown.stopSeconds }}
{{- range $callee := index (include "coditect.calls" . | fromYaml) .name }}
{{- $_ := set $decided (printf "%s_ADDRESS" (upper $callee)) (printf "127.0.0.1:%v" (index $ports $callee)) }}
{{- end }}
{{- if and (eq $values.store.kind "foundationdb") $values.store.foundationdb.tls.secretName }}
{{- $_ := set $decided "FDB_TLS_CERTIFICATE_FILE" "/var/run/fdb-tls/tls.crt" }}
{{- $_ := set $decided "FDB_TLS_KEY_FILE" "/var/run/fdb-tls/tls.key" }}
{{- $_ := set $decided "FDB_TLS_CA_FILE" "/var/run/fdb-tls/ca.crt" }}
{{- end }}
{{- if eq .name "auth" }}
{{- $_ := set $decided "TOKEN_ALGORITHM" $values.tokens.algorithm }}
{{- $_ := set $decided "CORS_ORIGINS" (join "," $values.gateway.corsOrigins) }}
{{- if hasKey $given "CLIENT_METADATA_DOCUMENTS" }}
{{- fail "services.auth.settings.CLIENT_METADATA_DOCUMENTS: set clientMetadataDocuments, which also opens the network" }}
{{- end }}
{{- if $values.clientMetadataDocuments.enabled }}
{{- $_ := set $decided "CLIENT_METADATA_DOCUMENTS" "on" }}
{{- end }}
{{- if hasKey $given "OAUTH_PAGES" }}
{{- fail "services.auth.settings.OAUTH_PAGES: set frontend.enabled" }}
{{- end }}
{{- $_ := set $decided "OAUTH_PAGES" (ternary "console" "plain" $values.frontend.enabled) }}
{{- $_ := set $given "HASH_THREADS" (include "coditect.hashThreads" .workload) }}
{{- if and $values.ingress.host (not (hasKey $given "PASSKEY_RP_ID")) }}
{{- $_ := set $given "PASSKEY_RP_ID" $values.ingress.host }}
{{- end }}
{{- with $values.breachedPasswords }}
{{- range $name := list "BREACHED_PASSWORDS_FILE" "BREACHED_PASSWORDS_URL" }}
{{- if hasKey $given $name }}
{{- fail (printf "services.auth.settings.%s: set breachedPasswords, which also mounts the file and opens the network" $name) }}
{{- end }}
{{- end }}
{{- if .file.claimName }}
{{- $_ := set $decided "BREACHED_PASSWORDS_FILE" (printf "/var/lib/breached-passwords/%s" .file.path) }}
{{- end }}
{{- if .url }}
{{- $_ := set $decided "BREACHED_PASSWORDS_URL" .url }}
{{- end }}
{{- end }}
{{- end }}
{{- include "coditect.addTracing" (dict "root" .root "decided" $decided) }}
{{- include "coditect.env" (dict "decided" $decided "given" $given "where" (printf "services.%s" .name)) }}
- name: SERVICE_KEYS
  valueFrom:
    secretKeyRef: {{ $values.secrets.serviceKeys | toJson }}
- name: SEAL_KEYS
  valueFrom:
    secretKeyRef: {{ index $values.secrets.sealKeys .name | toJson }}
{{- if and (has .name (list "auth" "tenants")) $values.mail.secretName }}
- name: MAIL_URL
  valueFrom:
    secretKeyRef: {{ dict "name" $values.mail.secretName "key" $values.mail.secretKey | toJson }}
{{- end }}
{{- with .workload.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "coditect.storeUrl" -}}
{{- $store := .Values.store -}}
{{- if eq $store.kind "embedded" -}}
lmdb:///var/lib/coditect/store
{{- else -}}
fdb:///var/run/fdb/fdb.cluster{{ with $store.foundationdb.prefix }}?prefix={{ . }}{{ end }}
{{- end -}}
{{- end }}

{{/* The containers of the gateway's pod. */}}
{{- define "coditect.gatewayContainers" -}}
containers:
  - name: gateway
    image: {{ include "coditect.image" (dict "root" . "image" "gateway") }}
    imagePullPolicy: {{ .Values.images.gateway.pullPolicy }}
    args: [run, edge]
    env:
      {{- include "coditect.gatewayEnv" . | trim | nindent 6 }}
    ports:
      - name: http
        containerPort: 8080
      - name: probes
        containerPort: 8081
    # The probes ask for the gateway's own health. /api/v5/ready also covers the services behind it:
    # one failing service would take every gateway replica out of rotation.
    # Whether it lives is asked on a port of its own, which clients cannot fill: a gateway with too many
    # connections takes no new ones, and a restart would move them to the next replica.
    startupProbe:
      httpGet: {path: /healthz, port: probes}
      periodSeconds: 2
      failureThreshold: 30
    readinessProbe:
      httpGet: {path: /api/v5/health, port: http}
      periodSeconds: 5
      timeoutSeconds: 2
    livenessProbe:
      httpGet: {path: /healthz, port: probes}
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 6
    lifecycle:
      preStop:
        exec:
          command: [python, -m, gateway, drain]
    resources:
      {{- toYaml .Values.gateway.resources | nindent 6 }}
    securityContext:
      {{- include "coditect.containerSecurity" . | nindent 6 }}
    volumeMounts:
      - name: run
        mountPath: /run/coditect
      - name: mesh
        mountPath: /var/run/coditect/mesh
        readOnly: true
{{- end }}

{{- define "coditect.gatewayEnv" -}}
{{- $decided := dict
  "LISTEN" "0.0.0.0:8080"
  "PROBES_LISTEN" "0.0.0.0:8081"
  "MESH_CERTIFICATES" "/var/run/coditect/mesh"
  "MESH_TRUST_DOMAIN" .Values.mesh.trustDomain
  "RUN_FOLDER" "/run/coditect"
  "CONTRACT" "/app/build/contract.binpb"
  "TOKEN_ISSUER" (include "coditect.issuer" .)
  "TOKEN_AUDIENCE" (include "coditect.audience" .)
  "TRUSTED_PROXIES" .Values.gateway.trustedProxies
  "CORS_ORIGINS" (join "," .Values.gateway.corsOrigins)
  "NOTICE_SECONDS" .Values.shutdown.gatewayNoticeSeconds
  "DRAIN_SECONDS" .Values.shutdown.gatewayDrainSeconds
  "WORKERS" (include "coditect.cores" .Values.gateway.resources.limits.cpu) }}
{{- range $callee := (include "coditect.calls" . | fromYaml).gateway }}
{{- $_ := set $decided (printf "%s_ADDRESS" (upper $callee)) (printf "%s:8443" $callee) }}
{{- end }}
{{- include "coditect.addTracing" (dict "root" . "decided" $decided) }}
{{- include "coditect.env" (dict "decided" $decided "given" .Values.gateway.settings "where" "gateway") }}
{{- with .Values.gateway.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

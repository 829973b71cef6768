{{- /* injector.yaml, which the injector reads as strictly as a sidecar reads its own config. */ -}}
{{- define "outrigger.injectorConfig" -}}
version: 1
listen: {webhook: "[::]:15443", telemetry: "[::]:15190"}
certificate: {cert: /certs/tls.crt, key: /certs/tls.key}
sidecar:
  image: {{ include "outrigger.sidecarImage" . | quote }}
  imagePullPolicy: {{ .Values.sidecar.image.pullPolicy }}
  native: {{ .Values.sidecar.native }}
  uid: {{ .Values.sidecar.uid }}
  redirect: {{ .Values.sidecar.redirect }}
  resources: {{- toYaml .Values.sidecar.resources | nindent 4 }}
  gracePeriod: {{ .Values.sidecar.gracePeriod }}
  httpProxy: {{ .Values.sidecar.httpProxy }}
  identitySecret: {{ .Values.sidecar.identitySecret | quote }}
config: {{- toYaml (.Values.config | default dict) | nindent 2 }}
ignoreNamespaces: {{- toYaml (include "outrigger.ignored" . | fromJson).namespaces | nindent 2 }}
{{- end -}}

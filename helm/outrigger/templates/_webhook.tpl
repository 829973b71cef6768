{{- define "outrigger.neverHere" -}}
- key: kubernetes.io/metadata.name
  operator: NotIn
  values: {{- toYaml (include "outrigger.ignored" . | fromJson).namespaces | nindent 4 }}
{{- end -}}

{{- /* What both webhooks have in common. Arguments: the root, and the authority in base64. */ -}}
{{- define "outrigger.webhook" -}}
{{- $root := index . 0 -}}
{{- $bundle := index . 1 -}}
clientConfig:
  service:
    name: {{ include "outrigger.injector" $root }}
    namespace: {{ $root.Release.Namespace }}
    path: /inject
    port: 443
  {{- with $bundle }}
  caBundle: {{ . }}
  {{- end }}
rules:
  - apiGroups: [""]
    apiVersions: [v1]
    operations: [CREATE]
    resources: [pods]
    scope: Namespaced
matchPolicy: Equivalent
failurePolicy: {{ include "outrigger.failurePolicy" $root }}
timeoutSeconds: {{ $root.Values.injector.timeoutSeconds }}
# A webhook after ours may add containers, whose ports and probes the sidecar must know.
reinvocationPolicy: IfNeeded
# An Event tells why a pod gets no sidecar; a dry run makes none.
sideEffects: NoneOnDryRun
admissionReviewVersions: [v1]
{{- end -}}

{{- /* Names, labels and images that several objects share. */ -}}

{{- define "outrigger.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name }}{{ end -}}
{{- end -}}

{{- define "outrigger.injector" -}}
{{ include "outrigger.name" . | trunc 50 | trimSuffix "-" }}-injector
{{- end -}}

{{- define "outrigger.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: injector
{{- end -}}

{{- define "outrigger.labels" -}}
{{ include "outrigger.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (replace "+" "_" .Chart.Version) }}
{{- end -}}

{{- define "outrigger.serviceAccount" -}}
{{ .Values.injector.serviceAccount.name | default (include "outrigger.injector" .) }}
{{- end -}}

{{- define "outrigger.sidecarImage" -}}
{{- $image := .Values.sidecar.image -}}
{{ $image.repository }}{{ if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default .Chart.AppVersion }}{{ end }}
{{- end -}}

{{- /* The injector is the same program: what is not said of its image is as the sidecar's. */ -}}
{{- define "outrigger.injectorImage" -}}
{{- $own := .Values.injector.image -}}
{{- $other := .Values.sidecar.image -}}
{{- $repository := $own.repository | default $other.repository -}}
{{- if $own.digest -}}
{{ $repository }}@{{ $own.digest }}
{{- else if $own.tag -}}
{{ $repository }}:{{ $own.tag }}
{{- else if and $other.digest (eq $repository $other.repository) -}}
{{ $repository }}@{{ $other.digest }}
{{- else -}}
{{ $repository }}:{{ $other.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "outrigger.failurePolicy" -}}
{{- $asked := .Values.injector.failurePolicy -}}
{{- if ne $asked "auto" }}{{ $asked }}{{ else if gt (int .Values.injector.replicas) 1 }}Fail{{ else }}Ignore{{ end -}}
{{- end -}}

{{- /* A JSON map, for fromJson: namespaces in which no pod is ever touched. */ -}}
{{- define "outrigger.ignored" -}}
{{- $always := list "kube-system" "kube-public" "kube-node-lease" "cert-manager" .Release.Namespace -}}
{{ dict "namespaces" (concat $always .Values.injector.ignoreNamespaces | uniq) | toJson }}
{{- end -}}

{{- /* The secret with the webhook's certificate. */ -}}
{{- define "outrigger.certificateSecret" -}}
{{- $certificate := .Values.injector.certificate -}}
{{- if eq $certificate.mode "provided" }}{{ $certificate.provided.secretName }}{{ else }}{{ include "outrigger.injector" . }}-tls{{ end -}}
{{- end -}}

{{- /* What every container of the chart may do: the "restricted" pod security standard, and no writing. */ -}}
{{- define "outrigger.containerSecurity" -}}
allowPrivilegeEscalation: false
capabilities: {drop: [ALL]}
privileged: false
readOnlyRootFilesystem: true
{{- end -}}

{{- define "outrigger.podSecurity" -}}
runAsNonRoot: true
runAsUser: 15100
runAsGroup: 15100
fsGroup: 15100
seccompProfile: {type: RuntimeDefault}
{{- end -}}

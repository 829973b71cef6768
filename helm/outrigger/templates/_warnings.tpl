{{- /* What a user should know of these values, as a JSON map {warnings: [sentence...]}; see NOTES.txt. */ -}}
{{- define "outrigger.warnings" -}}
{{- $found := concat
    (include "outrigger.injectorWarnings" . | fromJsonArray)
    (include "outrigger.identityWarnings" . | fromJsonArray)
    (include "outrigger.upstreamWarnings" . | fromJsonArray)
    (include "outrigger.sidecarWarnings" . | fromJsonArray) -}}
{{ dict "warnings" $found | toJson }}
{{- end -}}

{{- define "outrigger.injectorWarnings" -}}
{{- $found := list -}}
{{- $injector := .Values.injector -}}
{{- $replicas := int $injector.replicas -}}
{{- $policy := include "outrigger.failurePolicy" . -}}
{{- if and (eq $policy "Fail") (lt $replicas 2) -}}
  {{- $found = append $found "injector.failurePolicy is Fail with one replica: while it restarts, no pod that is to have a sidecar can be made. Set injector.replicas to 2 or more (values-ha.yaml)." -}}
{{- end -}}
{{- if and (eq $policy "Ignore") (gt $replicas 1) -}}
  {{- $found = append $found "injector.failurePolicy is Ignore: a pod that is made while no injector answers runs without its sidecar, and nothing tells. With more than one replica, Fail costs little." -}}
{{- end -}}
{{- if eq .Release.Namespace "default" -}}
  {{- $found = append $found "this release stands in the namespace default, whose pods therefore never get a sidecar. Install it into a namespace of its own." -}}
{{- end -}}
{{- if eq $replicas 0 -}}
  {{- $found = append $found "injector.replicas is 0: no pod gets a sidecar." -}}
{{- end -}}
{{- if and $injector.disruptionBudget.enabled (lt $replicas 2) -}}
  {{- $found = append $found "injector.disruptionBudget.enabled does nothing with fewer than two replicas." -}}
{{- end -}}
{{ toJson $found }}
{{- end -}}

{{- define "outrigger.identityWarnings" -}}
{{- $found := list -}}
{{- $secret := .Values.sidecar.identitySecret -}}
{{- $identity := (.Values.config | default dict).identity -}}
{{- $mounted := contains "/etc/outrigger-identity" (toJson $identity) -}}
{{- if and (not $identity) (not $secret) -}}
  {{- $found = append $found "config.identity is missing: sidecars talk to each other in plain, and nobody can say who calls. Set it, and sidecar.identitySecret, for mutual TLS." -}}
{{- else if and $secret (not $mounted) -}}
  {{- $found = append $found (printf "sidecar.identitySecret is %s, but config.identity names no file under /etc/outrigger-identity, where it is mounted." $secret) -}}
{{- else if and $mounted (not $secret) -}}
  {{- $found = append $found "config.identity names files under /etc/outrigger-identity, but sidecar.identitySecret is not set: nothing is mounted there." -}}
{{- end -}}
{{ toJson $found }}
{{- end -}}

{{- define "outrigger.upstreamWarnings" -}}
{{- $found := list -}}
{{- $kubernetes := list -}}
{{- $plain := list -}}
{{- range $name, $upstream := (.Values.config | default dict).upstreams -}}
  {{- if kindIs "map" $upstream -}}
    {{- if $upstream.kubernetes }}{{ $kubernetes = append $kubernetes $name }}{{ end -}}
    {{- if and (or $upstream.kubernetes $upstream.dns) (not (hasKey $upstream "sidecar")) (ne (toString $upstream.protocol) "tcp") -}}
      {{- $plain = append $plain $name -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- if and $plain (not .Values.sidecar.redirect) -}}
  {{- $found = append $found (printf "config.upstreams: %s: no `sidecar`: these are called past their sidecars. Write `sidecar: {port: 15106}` where they have one, `sidecar: false` where not." (join ", " $plain)) -}}
{{- end -}}
{{- if and $kubernetes (not .Values.sidecar.discovery.enabled) -}}
  {{- $found = append $found (printf "config.upstreams: %s: `kubernetes:` needs the right to read EndpointSlices: set sidecar.discovery.enabled and sidecar.discovery.serviceAccounts, or grant it yourself." (join ", " $kubernetes)) -}}
{{- end -}}
{{ toJson $found }}
{{- end -}}

{{- define "outrigger.sidecarWarnings" -}}
{{- $found := list -}}
{{- if .Values.sidecar.redirect -}}
  {{- $found = append $found "sidecar.redirect is true: each pod gets an init container with NET_ADMIN, which namespaces of the pod security standards \"baseline\" and \"restricted\" refuse." -}}
{{- end -}}
{{- if not .Values.sidecar.native -}}
  {{- $found = append $found "sidecar.native is false: init containers of the app run before the sidecar does, and Jobs get none." -}}
{{- end -}}
{{- $discovery := .Values.sidecar.discovery -}}
{{- if and $discovery.enabled (not $discovery.serviceAccounts) -}}
  {{- $found = append $found "sidecar.discovery.enabled grants nothing while sidecar.discovery.serviceAccounts is empty." -}}
{{- end -}}
{{- if and .Values.monitoring.dashboards.enabled (not (.Files.Glob "dashboards/*.json")) -}}
  {{- $found = append $found "monitoring.dashboards.enabled: this chart holds no dashboards." -}}
{{- end -}}
{{ toJson $found }}
{{- end -}}

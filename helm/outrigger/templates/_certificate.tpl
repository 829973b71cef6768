{{- /*
The certificate of the mode `helm`, as a JSON map {data, renewAfter, bundle}: what the secret holds (base64), from when on an
upgrade makes a new one (seconds since 1970), and what the API server is to believe (base64). It is random, so it must be
asked for once in a rendering only.

The certificate that is there is kept. When an upgrade makes a new one, the authority before it is still believed: until
the kubelet has brought the new secret to every injector, some still show the old certificate.
*/ -}}
{{- define "outrigger.helmCertificate" -}}
{{- $name := include "outrigger.injector" . -}}
{{- $now := now | unixEpoch | int64 -}}
{{- $kept := lookup "v1" "Secret" .Release.Namespace (include "outrigger.certificateSecret" .) | default dict -}}
{{- $data := dict -}}
{{- range $key := list "tls.crt" "tls.key" "ca.crt" "previous-ca.crt" -}}
  {{- with dig "data" $key "" $kept }}{{ $_ := set $data $key . }}{{ end -}}
{{- end -}}
{{- $renewAfter := dig "metadata" "annotations" "outrigger.dev/renew-after" "0" $kept | int64 -}}
{{- $whole := and (hasKey $data "tls.crt") (hasKey $data "tls.key") (hasKey $data "ca.crt") -}}
{{- if not (and $whole (lt $now $renewAfter)) -}}
  {{- $days := int .Values.injector.certificate.helm.days -}}
  {{- $host := printf "%s.%s.svc" $name .Release.Namespace -}}
  {{- $authority := genCAWithKey "outrigger authority" $days (genPrivateKey "ecdsa") -}}
  {{- $made := genSignedCertWithKey "outrigger injector" nil (list $host (printf "%s.cluster.local" $host)) $days $authority (genPrivateKey "ecdsa") -}}
  {{- $new := dict "tls.crt" (b64enc $made.Cert) "tls.key" (b64enc $made.Key) "ca.crt" (b64enc $authority.Cert) -}}
  {{- with get $data "ca.crt" }}{{ $_ := set $new "previous-ca.crt" . }}{{ end -}}
  {{- $data = $new -}}
  {{- $renewAfter = add $now (mul $days 43200) -}}
{{- end -}}
{{- $bundle := printf "%s%s" (get $data "ca.crt" | b64dec) (get $data "previous-ca.crt" | b64dec) | b64enc -}}
{{ dict "data" $data "renewAfter" (printf "%d" $renewAfter) "bundle" $bundle | toJson }}
{{- end -}}

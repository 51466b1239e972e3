{{/*
Secrets are files: an environment is inherited and shows in many places. They belong to root and are
opened by the group 10001 of the pod (288 is 0440). Each program sees only the keys that it needs.
*/}}

{{/* Of (dict "root" $ "setupToken" true) */}}
{{- define "latchkey.secretsVolume" -}}
- name: secrets
  projected:
    defaultMode: 288
    sources:
      - secret:
          name: {{ include "latchkey.secretsName" .root }}
          items: [{key: encryption_key, path: encryption_key}]
      {{- if .setupToken }}
      - secret:
          name: {{ include "latchkey.secretsName" .root }}
          optional: true
          items: [{key: setup_token, path: setup_token}]
      {{- end }}
{{- end }}

{{/* Of (dict "tls" .Values.database.tls "clientCertificateSecret" "name") */}}
{{- define "latchkey.tlsSources" -}}
{{- if .tls.caSecret }}
- secret:
    name: {{ .tls.caSecret }}
    items: [{key: {{ .tls.caKey | quote }}, path: ca.crt}]
{{- end }}
{{- if .tls.caConfigMap }}
- configMap:
    name: {{ .tls.caConfigMap }}
    items: [{key: {{ .tls.caKey | quote }}, path: ca.crt}]
{{- end }}
{{- if .clientCertificateSecret }}
- secret:
    name: {{ .clientCertificateSecret }}
    items: [{key: tls.crt, path: tls.crt}, {key: tls.key, path: tls.key}]
{{- end }}
{{- end }}

{{/* One source. Of (dict "secret" "name" "items" (dict "key of the Secret" "file")) */}}
{{- define "latchkey.keySource" -}}
{{- $items := omit .items "" }}
{{- if and .secret $items }}
- secret:
    name: {{ .secret }}
    items:
      {{- range $key, $path := $items }}
      - {key: {{ $key | quote }}, path: {{ $path }}}
      {{- end }}
{{- end }}
{{- end }}

{{/* Password of the role that owns the schema. */}}
{{- define "latchkey.ownerSource" -}}
{{- $migration := .Values.database.migration }}
{{- if $migration.user }}
{{- include "latchkey.keySource" (dict "secret" ($migration.existingSecret | default .Values.database.existingSecret) "items" (dict $migration.passwordKey "password")) }}
{{- end }}
{{- end }}

{{/* Of (dict "name" "database" "sources" (list "…" "…")): nothing where there is nothing to mount. */}}
{{- define "latchkey.volume" -}}
{{- $sources := list }}
{{- range .sources }}{{ $sources = append $sources (trim .) }}{{ end }}
{{- with compact $sources }}
- name: {{ $.name }}
  projected:
    defaultMode: 288
    sources:
      {{- join "\n" . | nindent 6 }}
{{- end }}
{{- end }}

{{/* Of (dict "root" $ "clientCertificateSecret" "name") */}}
{{- define "latchkey.databaseVolume" -}}
{{- $database := .root.Values.database }}
{{- $key := $database.urlKey | default $database.passwordKey }}
{{- $path := ternary "url" "password" (ne $database.urlKey "") }}
{{- include "latchkey.volume" (dict "name" "database" "sources" (list
  (include "latchkey.keySource" (dict "secret" $database.existingSecret "items" (dict $key $path $database.directUrlKey "direct-url")))
  (include "latchkey.tlsSources" (dict "tls" $database.tls "clientCertificateSecret" .clientCertificateSecret)))) }}
{{- end }}

{{- define "latchkey.redisVolume" -}}
{{- $redis := .Values.redis }}
{{- $key := $redis.urlKey | default $redis.passwordKey }}
{{- $path := ternary "url" "password" (ne $redis.urlKey "") }}
{{- include "latchkey.volume" (dict "name" "redis" "sources" (list
  (include "latchkey.keySource" (dict "secret" $redis.existingSecret "items" (dict $key $path $redis.sentinel.passwordKey "sentinel-password")))
  (include "latchkey.tlsSources" (dict "tls" $redis.tls "clientCertificateSecret" $redis.tls.clientCertificateSecret)))) }}
{{- end }}

{{/* Of (dict "root" $ "component" "server") */}}
{{- define "latchkey.settingsVolume" -}}
{{- $server := dict }}
{{- if eq .component "server" }}{{ $server = .root.Values.server }}{{ end }}
{{- include "latchkey.volume" (dict "name" "settings" "sources" (list
  (include "latchkey.keySource" (dict "secret" .root.Values.metrics.tokenSecret "items" (dict "token" "metrics-token")))
  (include "latchkey.keySource" (dict "secret" $server.bootstrapAdminSecret "items" (dict "email" "admin-email" "password" "admin-password")))
  (include "latchkey.keySource" (dict "secret" $server.identityProvidersSecret "items" (dict "identity-providers.json" "identity-providers.json"))))) }}
{{- end }}

{{/* Of the text of some volumes: where each is mounted. */}}
{{- define "latchkey.mounts" -}}
{{- range (. | fromYamlArray) }}
- {name: {{ .name }}, mountPath: /run/latchkey/{{ .name }}, readOnly: true}
{{- end }}
{{- end }}

{{- define "latchkey.temporaryVolume" -}}
- name: tmp
  emptyDir: {medium: Memory, sizeLimit: 64Mi}
{{- end }}

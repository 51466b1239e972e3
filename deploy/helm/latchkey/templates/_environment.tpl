{{/* Of every program. Files are read again whenever they change; see _volumes.tpl. */}}
{{- define "latchkey.environment" -}}
- name: LATCHKEY_SECRETS_DIR
  value: /run/latchkey/secrets
- name: LATCHKEY_KEY_PREFIX
  value: {{ .Values.keyPrefix | quote }}
- name: LATCHKEY_LOG_LEVEL
  value: {{ .Values.logLevel }}
{{- end }}

{{- define "latchkey.databaseEnvironment" -}}
{{- with .Values.database }}
{{- if .urlKey }}
- name: LATCHKEY_DATABASE_URL_FILE
  value: /run/latchkey/database/url
{{- else }}
- name: LATCHKEY_DATABASE_HOST
  value: {{ .host | quote }}
- name: LATCHKEY_DATABASE_PORT
  value: {{ .port | quote }}
- name: LATCHKEY_DATABASE_NAME
  value: {{ .name | quote }}
- name: LATCHKEY_DATABASE_USER
  value: {{ .user | quote }}
{{- if .passwordKey }}
- name: LATCHKEY_DATABASE_PASSWORD_FILE
  value: /run/latchkey/database/password
{{- end }}
{{- end }}
{{- if .directUrlKey }}
- name: LATCHKEY_DATABASE_DIRECT_URL_FILE
  value: /run/latchkey/database/direct-url
{{- end }}
- name: LATCHKEY_DATABASE_POOL_MAX
  value: {{ .poolMax | quote }}
- name: LATCHKEY_DATABASE_CONNECT_TIMEOUT_MS
  value: {{ .connectTimeoutMs | quote }}
- name: LATCHKEY_DATABASE_SSL
  value: {{ .tls.mode }}
{{- if .tls.serverName }}
- name: LATCHKEY_DATABASE_SSL_SERVER_NAME
  value: {{ .tls.serverName | quote }}
{{- end }}
{{- if or .tls.caSecret .tls.caConfigMap }}
- name: LATCHKEY_DATABASE_SSL_CA_FILE
  value: /run/latchkey/database/ca.crt
{{- end }}
{{- end }}
{{- end }}

{{- define "latchkey.databaseCertificateEnvironment" -}}
- name: LATCHKEY_DATABASE_SSL_CERT_FILE
  value: {{ . }}/tls.crt
- name: LATCHKEY_DATABASE_SSL_KEY_FILE
  value: {{ . }}/tls.key
{{- end }}

{{/* Of those who act as the role that owns the schema. */}}
{{- define "latchkey.ownerEnvironment" -}}
{{- with .Values.database.migration }}
{{- if .user }}
- name: LATCHKEY_DATABASE_MIGRATION_USER
  value: {{ .user | quote }}
{{- if .passwordKey }}
- name: LATCHKEY_DATABASE_MIGRATION_PASSWORD_FILE
  value: /run/latchkey/migration/password
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "latchkey.redisEnvironment" -}}
{{- with .Values.redis }}
{{- if .urlKey }}
- name: LATCHKEY_REDIS_URL_FILE
  value: /run/latchkey/redis/url
{{- else if .sentinel.nodes }}
- name: LATCHKEY_REDIS_SENTINELS
  value: {{ join "," .sentinel.nodes | quote }}
- name: LATCHKEY_REDIS_SENTINEL_NAME
  value: {{ .sentinel.name | quote }}
{{- if .sentinel.username }}
- name: LATCHKEY_REDIS_SENTINEL_USERNAME
  value: {{ .sentinel.username | quote }}
{{- end }}
{{- if .sentinel.passwordKey }}
- name: LATCHKEY_REDIS_SENTINEL_PASSWORD_FILE
  value: /run/latchkey/redis/sentinel-password
{{- end }}
{{- else if .cluster.nodes }}
- name: LATCHKEY_REDIS_CLUSTER
  value: {{ join "," .cluster.nodes | quote }}
{{- else }}
- name: LATCHKEY_REDIS_HOST
  value: {{ .host | quote }}
- name: LATCHKEY_REDIS_PORT
  value: {{ .port | quote }}
{{- end }}
{{- if .username }}
- name: LATCHKEY_REDIS_USERNAME
  value: {{ .username | quote }}
{{- end }}
{{- if and .existingSecret .passwordKey (not .urlKey) }}
- name: LATCHKEY_REDIS_PASSWORD_FILE
  value: /run/latchkey/redis/password
{{- end }}
- name: LATCHKEY_REDIS_PREFIX
  value: {{ .prefix | quote }}
- name: LATCHKEY_REDIS_TLS
  value: {{ .tls.mode }}
{{- if .tls.serverName }}
- name: LATCHKEY_REDIS_TLS_SERVER_NAME
  value: {{ .tls.serverName | quote }}
{{- end }}
{{- if or .tls.caSecret .tls.caConfigMap }}
- name: LATCHKEY_REDIS_TLS_CA_FILE
  value: /run/latchkey/redis/ca.crt
{{- end }}
{{- if .tls.clientCertificateSecret }}
- name: LATCHKEY_REDIS_TLS_CERT_FILE
  value: /run/latchkey/redis/tls.crt
- name: LATCHKEY_REDIS_TLS_KEY_FILE
  value: /run/latchkey/redis/tls.key
{{- end }}
{{- end }}
{{- end }}

{{/* Of server and worker. */}}
{{- define "latchkey.commonEnvironment" -}}
{{ include "latchkey.environment" . }}
{{ include "latchkey.databaseEnvironment" . | trim }}
{{- if .Values.database.tls.clientCertificateSecret }}
{{ include "latchkey.databaseCertificateEnvironment" "/run/latchkey/database" }}
{{- end }}
{{ include "latchkey.redisEnvironment" . | trim }}
{{- if .Values.metrics.tokenSecret }}
- name: LATCHKEY_METRICS_TOKEN_FILE
  value: /run/latchkey/settings/metrics-token
{{- end }}
{{- end }}

{{/* What the schema of the values cannot say. Each names the value and the fix. */}}
{{- define "latchkey.refusals" -}}
{{- $values := .Values }}
{{- with $values.database }}
{{- if and (or .passwordKey .urlKey .directUrlKey) (not .existingSecret) }}
{{- fail "database.existingSecret: missing; make a Secret with the password of the role database.user, and give its name. With a client certificate and no password: database.passwordKey=''" }}
{{- end }}
{{- if and .host .urlKey }}
{{- fail "database.host: given together with database.urlKey; remove one of the two" }}
{{- end }}
{{- if not (or .host .urlKey) }}
{{- fail "database.host: missing; give it, or database.urlKey" }}
{{- end }}
{{- if and .tls.caSecret .tls.caConfigMap }}
{{- fail "database.tls.caSecret: given together with database.tls.caConfigMap; remove one of the two" }}
{{- end }}
{{- end }}
{{- with $values.redis }}
{{- $forms := list }}
{{- if .host }}{{ $forms = append $forms "redis.host" }}{{ end }}
{{- if .urlKey }}{{ $forms = append $forms "redis.urlKey" }}{{ end }}
{{- if .sentinel.nodes }}{{ $forms = append $forms "redis.sentinel.nodes" }}{{ end }}
{{- if .cluster.nodes }}{{ $forms = append $forms "redis.cluster.nodes" }}{{ end }}
{{- if not $forms }}
{{- fail "redis.host: missing; give it, or redis.urlKey, redis.sentinel.nodes or redis.cluster.nodes" }}
{{- end }}
{{- if gt (len $forms) 1 }}
{{- fail (printf "%s: given together with %s; leave only one of them" (index $forms 0) (index $forms 1)) }}
{{- end }}
{{- if and (or .urlKey .sentinel.passwordKey) (not .existingSecret) }}
{{- fail "redis.existingSecret: missing; a key of it is named" }}
{{- end }}
{{- if and .sentinel.nodes (not .sentinel.name) }}
{{- fail "redis.sentinel.name: missing; give the name under which the sentinels watch that Redis" }}
{{- end }}
{{- if and .tls.caSecret .tls.caConfigMap }}
{{- fail "redis.tls.caSecret: given together with redis.tls.caConfigMap; remove one of the two" }}
{{- end }}
{{- end }}
{{- if and (or $values.ingress.enabled $values.httpRoute.enabled) (not $values.trustedProxies) }}
{{- fail "trustedProxies: missing; give the networks of the pods of your ingress controller or gateway, such as 10.244.0.0/16. Without them everybody behind it has its address, and may read /metrics" }}
{{- end }}
{{- with $values.backup }}
{{- $keys := list .encryption.passphraseKey .encryption.recipientKey .encryption.identityKey | compact }}
{{- if and .enabled $keys (not .encryption.existingSecret) }}
{{- fail "backup.encryption.existingSecret: missing; a key of it is named" }}
{{- end }}
{{- if and .enabled .encryption.existingSecret (not $keys) }}
{{- fail "backup.encryption.passphraseKey: missing; give it, or recipientKey: the Secret encrypts nothing by itself" }}
{{- end }}
{{- if and .encryption.passphraseKey .encryption.recipientKey }}
{{- fail "backup.encryption.passphraseKey: given together with backup.encryption.recipientKey; remove one of the two" }}
{{- end }}
{{- if and .enabled .drill .encryption.recipientKey (not .encryption.identityKey) }}
{{- fail "backup.encryption.identityKey: missing; a drill opens the backup. Where the cluster must not be able to: backup.drill=false, and a drill elsewhere" }}
{{- end }}
{{- end }}
{{- if and $values.ingress.enabled (not $values.ingress.host) }}
{{- fail "ingress.host: missing; give the name under which the API is called" }}
{{- end }}
{{- if and $values.httpRoute.enabled (not (and $values.httpRoute.hostnames $values.httpRoute.parentRefs)) }}
{{- fail "httpRoute.hostnames, httpRoute.parentRefs: give both" }}
{{- end }}
{{- end }}

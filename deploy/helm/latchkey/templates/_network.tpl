{{/* One egress rule. Of (dict "ports" (list 5432) "to" .Values.networkPolicy.databaseTo) */}}
{{- define "latchkey.egress" -}}
- ports:
    {{- range .ports }}
    - {protocol: TCP, port: {{ int . }}}
    {{- end }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "latchkey.egressToNames" -}}
- ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
{{- end }}

{{- define "latchkey.egressToDatabase" -}}
{{- $database := .Values.database }}
{{- $ports := .Values.networkPolicy.databasePorts }}
{{- if not $database.urlKey }}{{ $ports = prepend $ports $database.port }}{{ end }}
{{- if not $ports }}
{{- fail "networkPolicy.databasePorts: missing; give the port that is in the URL of database.urlKey" }}
{{- end }}
{{- include "latchkey.egress" (dict "ports" ($ports | uniq) "to" .Values.networkPolicy.databaseTo) }}
{{- end }}

{{- define "latchkey.egressToRedis" -}}
{{- $redis := .Values.redis }}
{{- $ports := .Values.networkPolicy.redisPorts }}
{{- if $redis.host }}{{ $ports = prepend $ports $redis.port }}{{ end }}
{{- range concat $redis.sentinel.nodes $redis.cluster.nodes }}
{{- $ports = append $ports (last (splitList ":" .)) }}
{{- end }}
{{- if $redis.sentinel.nodes }}{{ $ports = append $ports $redis.port }}{{ end }}
{{- $distinct := list }}
{{- range $ports }}{{ $distinct = append $distinct (int .) }}{{ end }}
{{- if not $distinct }}
{{- fail "networkPolicy.redisPorts: missing; give the port that is in the URL of redis.urlKey" }}
{{- end }}
{{- include "latchkey.egress" (dict "ports" ($distinct | uniq) "to" .Values.networkPolicy.redisTo) }}
{{- end }}

{{/* The ports that webhooks may be sent to without LATCHKEY_WEBHOOK_ALLOWED_PORTS. */}}
{{- define "latchkey.egressToInternet" -}}
- ports:
    - {protocol: TCP, port: 443}
    - {protocol: TCP, port: 80}
    - {protocol: TCP, port: 1024, endPort: 65535}
  to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except: [10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16]
    - ipBlock:
        cidr: ::/0
        except: ['fc00::/7', 'fe80::/10']
{{- end }}

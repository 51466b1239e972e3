{{/* One container. Of (dict "root" $ "args" (list "backup") "certificate" "name" "volumes" "…") */}}
{{- define "latchkey.backupContainer" -}}
{{- $encryption := .root.Values.backup.encryption }}
- name: {{ first .args }}
  image: {{ include "latchkey.imageOf" (dict "image" .root.Values.backup.image "what" "backup.image" "root" .root) }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  args: {{ toJson .args }}
  env:
    {{- include "latchkey.environment" .root | nindent 4 }}
    {{- include "latchkey.databaseEnvironment" .root | trim | nindent 4 }}
    {{- if .certificate }}
    {{- include "latchkey.databaseCertificateEnvironment" "/run/latchkey/database" | nindent 4 }}
    {{- end }}
    {{- include "latchkey.ownerEnvironment" .root | trim | nindent 4 }}
    - name: LATCHKEY_BACKUP_DIR
      value: /backups
    {{- if $encryption.passphraseKey }}
    - name: LATCHKEY_BACKUP_PASSPHRASE_FILE
      value: /run/latchkey/backup/passphrase
    {{- end }}
    {{- if $encryption.recipientKey }}
    - name: LATCHKEY_BACKUP_RECIPIENT_FILE
      value: /run/latchkey/backup/recipient
    {{- end }}
    {{- with .root.Values.extraEnv }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  resources:
    {{- toYaml .root.Values.backup.resources | nindent 4 }}
  securityContext:
    {{- include "latchkey.containerSecurity" .root | nindent 4 }}
  volumeMounts:
    - {name: tmp, mountPath: /tmp}
    - {name: backups, mountPath: /backups}
    {{- include "latchkey.mounts" .volumes | trim | nindent 4 }}
{{- end }}

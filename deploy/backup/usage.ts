export const backupUsage = `Usage: latchkey backup [OPTIONS]

Makes a backup of database and secrets in one file, while everything runs.

  --to DIR|FILE           where; without it: LATCHKEY_BACKUP_DIR
  --keep N                keep the N newest backups of the folder
  --keep-days N           keep those of the last N days; with both, what either keeps
  --recipient AGE         encrypt to an age recipient (age1…)
  --passphrase-file FILE  encrypt with the passphrase in a file
  --without-secrets       leave the secrets out: it opens nothing without the master key
  --json                  the outcome as JSON

Exit status: 0 made, 1 failed and nothing is left of it, 2 wrong use, 78 configuration.
`;

export const restoreUsage = `Usage: latchkey restore FILE [OPTIONS]

Restores a backup into an appliance that holds nothing. A name without a folder is
looked for in LATCHKEY_BACKUP_DIR. All is checked before anything is changed.

  --passphrase-file FILE  opens one that was encrypted with a passphrase
  --identity FILE         opens one that was encrypted to an age recipient
  --known-key-file FILE   prove with this API key, too, that keys are known
  --send-missed-webhooks  send what was waiting when the backup was made; some of it
                          has been sent since then
  --check-only            check backup and appliance, and change nothing
  --json                  the outcome as JSON

Exit status: 0 restored and proved, 1 failed, 2 wrong use, 78 configuration.
`;

export const drillUsage = `Usage: latchkey drill [OPTIONS]

Restores the newest backup into a throw-away database beside the one in use, proves
that it would have helped, and drops it again. For cron.

  --from DIR|FILE         where the backup is; without it: LATCHKEY_BACKUP_DIR
  --passphrase-file FILE  opens one that was encrypted with a passphrase
  --identity FILE         opens one that was encrypted to an age recipient
  --known-key-file FILE   prove with this API key, too, that keys are known
  --json                  the outcome as JSON

Exit status: 0 proved, 1 the backup would not have helped, 2 wrong use, 78 configuration.
`;

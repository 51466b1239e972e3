-- A client secret is also used where no token is made: last_used_at does not tell any more whether the hour
-- has its entry in the audit trail.

alter table client_secrets add column token_recorded_at timestamptz;
comment on column client_secrets.token_recorded_at is 'When the audit trail last had an entry of a token made with it.';

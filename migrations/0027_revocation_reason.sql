-- Why a key was revoked. Decides nothing; null for keys that were revoked before. Adds only.

alter table api_keys
	add column revocation_reason text,
	add column revocation_note text;

-- Whoever gives a key a term, also from psql, has every server read terms from that commit on, or is
-- refused (migrations/0020). Servers of version 1 do not read them at all. Later ones read all of them
-- and give no verdict where they do not know one, whoever wrote it; what they are asked for before they
-- meet it is in core/keys/terms.ts.
create function require_version_of_terms() returns trigger language plpgsql as $$
begin
	perform require_terms_version(2, '0.1.0');
	return new;
end
$$;

create trigger api_keys_require_version before insert or update of terms on api_keys
for each row when (new.terms <> '{}') execute function require_version_of_terms();

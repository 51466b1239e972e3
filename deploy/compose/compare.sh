# Whether two databases hold the same; used by deploy/upgrade-postgres, with bundle.sh.

# Each statement gives lines that must be the same in both. Values are added up as hashes, which need no order;
# rights that were never changed may be written out or not, and mean the same.
comparisons() {
	cat <<'SQL'
select format('table %s: %s rows, sum %s', t.relname, (xpath('//n/text()', x))[1], (xpath('//s/text()', x))[1]) from pg_class t, lateral query_to_xml(format('select count(*) as n, sum(hashtextextended(r::text, 0)::numeric) as s from only public.%I r', t.relname), true, false, '') x where t.relkind = 'r' and t.relnamespace = 'public'::regnamespace order by t.relname
select format('sequence %s: %s', sequencename, last_value) from pg_sequences where schemaname = 'public' order by sequencename
select format('role %s: %s %s %s %s', rolname, rolsuper, rolcreaterole, rolcanlogin, md5(rolpassword)) from pg_authid where rolname !~ '^pg_' order by rolname
select format('member %s of %s', member::regrole, roleid::regrole) from pg_auth_members where member::regrole::text !~ '^pg_' order by 1
select format('setting %s of %s', s, setrole::regrole) from pg_db_role_setting, unnest(setconfig) s order by 1
select format('rights %s: %s', relname, (select string_agg(a::text, ' ' order by a::text) from unnest(coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner))) a)) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S') order by relname
select format('rights of columns %s.%s: %s', attrelid::regclass, attname, (select string_agg(a::text, ' ' order by a::text) from unnest(attacl) a)) from pg_attribute where attacl is not null and attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace) order by 1
select format('rights of the database: %s', (select string_agg(a::text, ' ' order by a::text) from unnest(coalesce(datacl, acldefault('d', datdba))) a)) from pg_database where datname = 'latchkey'
select format('owner %s: %s', relname, relowner::regrole) from pg_class where relnamespace = 'public'::regnamespace order by relname
select format('index %s: %s', indexname, indexdef) from pg_indexes where schemaname = 'public' order by indexname
select format('index %s is %s', indexrelid::regclass, case when indisvalid then 'valid' else 'not valid' end) from pg_index where indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace) order by 1
select format('constraint %s on %s: %s %s', conname, conrelid::regclass, pg_get_constraintdef(oid), convalidated) from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n' order by 1
select format('trigger %s: %s %s', tgname, pg_get_triggerdef(oid), tgenabled) from pg_trigger where not tgisinternal order by 1
select format('function %s: %s %s', oid::regprocedure, md5(pg_get_functiondef(oid)), (select string_agg(a::text, ' ' order by a::text) from unnest(coalesce(proacl, acldefault('f', proowner))) a)) from pg_proc where pronamespace = 'public'::regnamespace and prokind <> 'a' order by 1
select format('encoding %s, locale %s %s', pg_encoding_to_char(encoding), datlocprovider, datlocale) from pg_database where datname = 'latchkey'
SQL
}

# Prints what was found to be the same, or, and fails, what was not.
compare_databases() {
	local statement old new differing tables rows
	local alike="set search_path = public, pg_catalog; set timezone = 'UTC'; set datestyle = 'ISO'"
	tables=0 rows=0
	while IFS= read -r statement; do
		old=$(sql "$alike; $statement" | grep -v '^SET$' || true)
		new=$(new_sql "$alike; $statement" | grep -v '^SET$' || true)
		if ! differing=$(diff <(printf '%s\n' "$old") <(printf '%s\n' "$new")); then
			printf '%s\n' "$differing" | sed -n 's/^</  old: /p; s/^>/  new: /p' | cut -c 1-200 | sed -n 1,20p
			return 1
		fi
		if [[ $old == table* ]]; then
			tables=$(grep -c . <<<"$old")
			rows=$(sed -n 's/.*: \([0-9]*\) rows.*/\1/p' <<<"$old" | awk '{n += $1} END {print n}')
		fi
	done < <(comparisons)
	printf '%s tables with %s rows, roles and passwords, rights, indexes, constraints, triggers and functions are the same' "$tables" "$rows"
}

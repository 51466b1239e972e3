#!/usr/bin/env bash
# Smoke test of the running bundle: uses it as a client would, restarts and kills every part of it,
# takes it down and up again, and checks that it is as closed as it should be.
#
#   docker compose up --build --wait && deploy/smoke.sh
#
# Behind the balancer (deploy/compose/balanced.yml; name both files in COMPOSE_FILE) it looks at what
# several servers must do instead.
#
# Not for an appliance in use: it interrupts the service and leaves keys and sources behind. On a new
# one it makes the first administrator itself; on another give SMOKE_EMAIL and SMOKE_PASSWORD of an
# operator. Needs bash, curl (7.83 or newer) and Docker; ends with `N passed, N failed`, and with 1 if any failed.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.."

. deploy/compose/trying.sh

# --- nothing is lost

# Everything that was answered with success so far.
nothing_lost() {
	local id
	for id in "${acknowledged[@]}"; do
		with_key "$good" "/api/v1/sources/$id"
		answers 200 || return 1
	done
	works "$good" && is_refused "$revoked" && is_limited "$spent" 'Quota exceeded'
}

# --- breaking

# break_it SERVICE HOW COMMAND…: writes, breaks, waits, and looks whether all is there.
break_it() {
	local service=$1 how=$2 before
	shift 2
	log_in
	check "$service $how: a write is acknowledged before" create_source "before $service $how"
	before=$(inspect "$service" '{{.RestartCount}} {{.State.StartedAt}}')
	"$@" >/dev/null 2>&1
	check "$service $how: it is started again" within 60 has_restarted "$service" "$before"
	check "$service $how: the appliance is ready again by itself" within 90 is_ready
	check "$service $how: its container is healthy" within 90 is_healthy "$service"
	check "$service $how: nothing acknowledged is lost" nothing_lost
	check "$service $how: writes are taken again" within 30 create_source "after $service $how"
	before=$(last_used "$good_id")
	sleep 1.1 # times are to the second
	works "$good"
	check "$service $how: use of a key shows again" within 30 used_after "$good_id" "$before"
}

# --- closed

nothing_else_published() {
	local ports
	ports=$(for one in $(compose ps --quiet); do
		docker inspect --format '{{range $port, $bound := .NetworkSettings.Ports}}{{range $bound}}{{.HostIp}}:{{.HostPort}}{{"\n"}}{{end}}{{end}}' "$one"
	done | grep -v '^$')
	[ "$ports" = "${url#http://}" ]
}
data_is_internal() {
	local network
	network=$(docker network ls --quiet --filter "label=com.docker.compose.project=$project" --filter label=com.docker.compose.network=data)
	[ "$(docker network inspect --format '{{.Internal}}' "$network")" = true ] &&
		[ "$(inspect postgres '{{len .NetworkSettings.Networks}}')" = 1 ] &&
		[ "$(inspect redis '{{len .NetworkSettings.Networks}}')" = 1 ]
}
process_status() { compose exec -T "$1" cat /proc/1/status | grep "^$2:" | cut -f 2; }
has_no_capability() { [ "$(process_status "$1" CapEff)" = 0000000000000000 ] && [ "$(process_status "$1" CapBnd)" = 0000000000000000 ]; }
gains_no_privilege() { [ "$(process_status "$1" NoNewPrivs)" = 1 ]; }
is_filtered() { [ "$(process_status "$1" Seccomp)" = 2 ]; }
is_user() { [ "$(process_status "$1" Uid)" = "$2" ]; }
is_not_root() { [ "$(process_status "$1" Uid)" -gt 0 ]; }
root_is_read_only() { docker compose exec -T "$1" touch /smoke 2>&1 </dev/null | grep 'Read-only file system' >/dev/null; }
is_bounded() {
	local memory processes log_size
	read -r memory processes log_size < <(inspect "$1" '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{index .HostConfig.LogConfig.Config "max-size"}}')
	[ "$memory" -gt 0 ] && [ "$processes" -gt 0 ] && [ "$log_size" = 10m ]
}
is_hardened() {
	check "$1: no capability" has_no_capability "$1"
	check "$1: no new privileges" gains_no_privilege "$1"
	check "$1: seccomp filter" is_filtered "$1"
	check "$1: not root" is_not_root "$1"
	check "$1: root file system is read-only" root_is_read_only "$1"
	check "$1: memory, processes and logs have a limit" is_bounded "$1"
}
sql() { compose exec -T postgres psql --username="$1" --dbname=latchkey --no-psqlrc --tuples-only --no-align --command="$2"; }
# sql_refuses STATEMENT: the role of server and worker may not (42501).
sql_refuses() {
	body=$(docker compose exec -T postgres psql --username=latchkey_app --dbname=latchkey --no-psqlrc --set=VERBOSITY=sqlstate --command="$1" 2>&1 </dev/null)
	status=$?
	answers 1 && says 'ERROR:  42501'
}
knows_no_owner() {
	! inspect "$1" '{{range .Mounts}}{{.Name}} {{end}}{{.Config.Env}}' | grep -e secrets-migration -e MIGRATION_PASSWORD >/dev/null &&
		! compose exec -T "$1" cat /run/latchkey/migration-secrets/database_migration_password
}
programs_are_no_owner() {
	[ "$(sql postgres "select distinct usename from pg_stat_activity where application_name ~ '^latchkey-(server|worker)'")" = latchkey_app ] &&
		[ "$(sql postgres "select distinct pg_get_userbyid(relowner) from pg_class where relnamespace = 'public'::regnamespace")" = latchkey ]
}
# Each service mounts what it needs: what is not there cannot be read by whoever takes it over.
sees_only_its_secrets() {
	local seen
	seen=$(compose run --rm --no-deps -T --entrypoint ls tui /run/latchkey/secrets) && [ "$seen" = setup_token ] &&
		seen=$(compose exec -T redis sh -c 'cd /run/latchkey && ls */* | sort | xargs') && [ "$seen" = 'redis-secrets/redis.acl redis-secrets/redis_password' ] &&
		seen=$(compose exec -T postgres sh -c 'cd /run/latchkey && ls */* | sort | xargs') && [ "$seen" = 'database-secrets/database_password migration-secrets/database_migration_password' ]
}
# No secret in what `docker inspect` or the logs show.
nothing_leaks() {
	local secrets
	secrets=$(
		compose exec -T server bash -c 'cat /run/latchkey/*/{setup_token,encryption_key,database_password,redis_password} 2>/dev/null' | grep -v '^$'
		compose exec -T postgres cat /run/latchkey/migration-secrets/database_migration_password
		printf '%s\n' "$good" "$revoked" "$limited" "$spent" "$password" "$token"
	)
	[ "$(wc -l <<<"$secrets")" = 11 ] || return 1
	! { compose logs --no-color; docker inspect $(compose ps --all --quiet); } | grep --fixed-strings -f <(printf '%s\n' "$secrets") >/dev/null
}

# --- refusals

# refuses TEXT COMMAND…: ends with 78 and says so.
refuses() {
	local text=$1
	shift
	body=$("$@" 2>&1 </dev/null)
	status=$?
	answers 78 && says "$text"
}
our() { docker run --rm --network none "$@"; }
scratch_volumes() {
	docker volume rm --force "$project-smoke-app" "$project-smoke-database" >/dev/null 2>&1
}

# --- several servers

# everywhere STATUS KEY: each process gives this answer, and none another.
everywhere() {
	local seen
	seen=$(use_often "$2" 300)
	body=$(sort <<<"$seen" | uniq -c)
	! grep -qv "^$1 " <<<"$seen" && [ "$(sort -u <<<"$seen" | wc -l)" = "$processes" ]
}
# passes_exactly TIMES KEY: of 300 uses of a protected resource so many are let through, the others are limited.
passes_exactly() {
	local seen
	seen=$(use_often "$2" 300 /api/v1/sources | cut -d ' ' -f 1 | sort | uniq -c | awk '{print $2 "=" $1}' | xargs)
	body=$seen
	[ "$seen" = "200=$1 429=$((300 - $1))" ]
}
verifiers_are() {
	[ "$(compose exec -T postgres psql -U postgres -d latchkey -Atc 'select count(*) from verifiers where lease_until > clock_timestamp()')" = "$1" ]
}
# The change is in force everywhere, and was within the lease and a second.
is_confirmed() { [[ $revocation =~ ^verifiers=$processes\;\ ms=([0-9]+)$ ]] && [ "${BASH_REMATCH[1]}" -le 6000 ]; }
# The same, but for a server that could not say so: it is named, and its lease is over.
is_over() { [[ $revocation =~ ^verifiers=$processes\;\ ms=([0-9]+)\;\ lapsed=\"[0-9a-f-]{36}\"$ ]] && [ "${BASH_REMATCH[1]}" -le 6000 ]; }

scale() { compose up --wait --no-recreate --scale "server=$1"; }
names_the_client() {
	local logged
	call GET /api/v1/keys/self 'X-Forwarded-For: 203.0.113.9'
	logged=$(compose logs --no-color server | grep -o '"ip":"[^"]*"')
	[ -n "$logged" ] && ! grep -q -F -e 203.0.113.9 -e "\"$(inspect caddy '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}')\"" <<<"$logged"
}
text_of() { printf "%0$1d" 0; }

several_servers() {
	local before
	processes=$((3 * $(compose exec -T server bash -c 'echo "${LATCHKEY_PROCESSES:-1}"')))
	at_once=$((processes * 3))
	must 'there are three servers' [ "$(compose ps --quiet server | wc -l)" = 3 ]
	must "$processes processes hold a lease" within 30 verifiers_are "$processes"

	check 'a key works on every server' within 30 everywhere 200 "$good"
	check 'another key is created' create_key 'smoke, to be revoked everywhere'
	revoked=$key
	check 'it works on every server' within 30 everywhere 200 "$revoked"
	check 'it is revoked' revoke "$key_id"
	check "the answer counts on every process ($revocation)" is_confirmed
	check 'of 300 uses after that each is refused, by every server' everywhere 401 "$revoked"

	check 'a key with a limit of 100 is created' create_key 'smoke, limited everywhere' \
		'"rate_limits":[{"name":"burst","limit":100,"window_seconds":2592000}]'
	check 'of 300 uses on all servers 100 pass' passes_exactly 100 "$key"

	check 'the servers log the address of the client, not of Caddy, nor what the client says' names_the_client
	call GET /api/v1/keys/self "X-Padding: $(text_of 14000)"
	check 'headers as large as a server takes come through' answers 401
	call GET /api/v1/keys/self "X-Padding: $(text_of 20000)"
	check 'larger ones are refused by the server' eval 'answers 431 && says "{\"error\":\"Request headers are too large\"}"'
	as_user POST /api/v1/sources "{\"name\":\"$(text_of 70000)\"}"
	check 'so is a larger body' eval 'answers 413 && says "{\"error\":\"Request body is larger than 64 KiB\"}"'
	call GET /metrics
	check 'the metrics of one of them are not shown' answers 404
	call GET /config/
	check 'nor is any administration of Caddy' answers 404

	check 'nothing is published but Caddy' nothing_else_published
	check 'PostgreSQL and Redis are on an internal network only' data_is_internal
	for service in caddy server; do
		is_hardened "$service"
		check "$service: user 10001" is_user "$service" 10001
	done

	create_key 'smoke, to be revoked after a death'
	within 30 everywhere 200 "$key"
	begin_load
	before=$(inspect server '{{.RestartCount}} {{.State.StartedAt}}')
	kill_9 server
	check 'a server was killed: a key is revoked' revoke "$key_id"
	revoked=$key
	check "a server was killed: the answer comes when its lease is over ($revocation)" is_over
	check 'a server was killed: the key is refused' eval '! use_often "$revoked" 300 | grep -v "^401 " >/dev/null'
	check 'a server was killed: it is started again' within 60 has_restarted server "$before"
	check 'a server was killed: it takes its share again' within 60 everywhere 200 "$good"
	check 'a server was killed: it refuses the key too' everywhere 401 "$revoked"
	end_load 'a server was killed' "$at_once"

	begin_load
	check 'one server fewer' scale 2
	check 'two answer' within 30 eval 'processes=$((processes * 2 / 3)) everywhere 200 "$good"'
	check 'one server more' scale 3
	check 'three answer' within 30 everywhere 200 "$good"
	end_load 'scaled down and up' 0

	compose stop server
	call GET /api/v1/keys/self
	check 'without any server Caddy answers in the words of the API' eval 'answers 503 && says "{\"error\":\"Service temporarily unavailable\"}"'
	compose start server
	check 'they are back' within 60 everywhere 200 "$good"
	check 'nothing acknowledged is lost' nothing_lost
	check 'no secret in logs and container settings' nothing_leaks
}

# --- the test

meet
check 'the key opens a protected resource' works "$good"
check 'its last use shows within 5 s' within 5 used_after "$good_id" ''
key_row "$good_id"
check 'the list holds the key but not its secret' eval 'says "$good_id" && ! says "$good"'
check 'another key is created' create_key 'smoke, to be revoked'
revoked=$key
check 'it works' works "$revoked"
check 'it is revoked' revoke "$key_id"
check 'it is refused from then on' is_refused "$revoked"
check 'no key at all is refused' is_refused ''
check 'a key with a limit and a quota is created' create_key 'smoke, limited' \
	'"rate_limits":[{"name":"burst","limit":2,"window_seconds":86400}],"quota":{"limit":50,"period":"month"}'
limited=$key
check 'it works, and is told what is left' eval 'works "$limited" && is_left 1 49'
check 'it works once more' eval 'works "$limited" && is_left 0 48'
check 'then it is refused, and told when to come again' is_limited "$limited" 'Rate limit exceeded'
check 'which takes nothing of its quota' is_left 0 48
check 'a key with a quota is created' create_key 'smoke, to be spent' '"quota":{"limit":1,"period":"month"}'
spent=$key
check 'it works' works "$spent"
check 'its quota is spent' is_limited "$spent" 'Quota exceeded'
check 'it is ready as before, Redis included' within 30 is_ready

if is_balanced; then
	several_servers
	finish
fi

check 'nothing is published but the API' nothing_else_published
check 'PostgreSQL and Redis are on an internal network only' data_is_internal
for service in server worker postgres redis; do is_hardened "$service"; done
for service in server worker; do check "$service: user 10001" is_user "$service" 10001; done
check 'PostgreSQL checks its pages' eval '[ "$(compose exec -T postgres psql -U postgres -Atc "show data_checksums")" = on ]'
check 'neither role of ours is a superuser or makes roles, and that of server and worker makes no databases' eval '[ "$(sql postgres "select count(*) from pg_roles where rolname in ('\''latchkey'\'', '\''latchkey_app'\'') and not (rolsuper or rolcreaterole or rolcreatedb and rolname <> '\''latchkey'\'')")" = 2 ]'
check 'server and worker use a role other than the owner of the schema' programs_are_no_owner
for service in server worker; do check "$service: is not shown the password of the owner" knows_no_owner "$service"; done
check "each service sees only the secrets that it needs" sees_only_its_secrets
for statement in 'create table smoke ()' 'create temporary table smoke ()' 'alter table api_keys add smoke integer' \
	'drop table sources' 'truncate sources' 'set role latchkey' 'drop database latchkey' "update knex_migrations set name = ''"; do
	check "the role of server and worker may not: $statement" sql_refuses "$statement"
done
check 'Redis refuses whoever does not log in' eval '[[ $(compose exec -T redis valkey-cli ping) == NOAUTH* ]]'
check 'the image has no npm' eval '! compose exec -T server bash -c "command -v npm"'
check 'the console runs in a container of its own' eval '[[ $(compose run --rm --no-deps -T tui --version) == [0-9]* ]]'

for service in server worker redis postgres; do
	break_it "$service" 'kill -9' kill_9 "$service"
	break_it "$service" restart docker compose restart "$service"
done
check 'Redis has read back all it wrote' eval '! compose logs --no-color redis | grep AOF-loading-client >/dev/null'

compose stop server
check 'the server drains and ends well on SIGTERM' eval '[ "$(inspect server "{{.State.ExitCode}}")" = 0 ]'
compose stop worker
check 'the worker drains and ends well on SIGTERM' eval '[ "$(inspect worker "{{.State.ExitCode}}")" = 0 ]'

compose down
began=$SECONDS
compose up --wait
check "down, then up ($((SECONDS - began)) s)" find_url
check 'it is ready again' within 30 is_ready
log_in
check 'down and up lose nothing' nothing_lost

check 'signing keys and master key are rotated while it runs' eval 'compose run --rm --no-deps -T operate secrets rotate --master-key --signing-keys --audit-key >/dev/null'
check 'an old master key is taken out of the secrets' eval 'compose run --rm --no-deps -T operate secrets rotate --drop-old-master-keys >/dev/null'
check 'a rotation loses nothing' nothing_lost

other_key=$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n')
for program in migrate server worker; do
	check "$program refuses another encryption key" refuses 'encryption_key is not the one this database was set up with' \
		docker compose run --rm --no-deps -T -e "LATCHKEY_ENCRYPTION_KEY=$other_key" "$program"
done
check 'init refuses a folder that is not a volume' refuses 'it is not on a volume' our "$image" init
check 'init refuses an anonymous volume' refuses 'it is on an anonymous volume' our -v /run/latchkey/secrets "$image" init
check 'init refuses a tmpfs' refuses 'it is on a tmpfs' our --tmpfs /run/latchkey/secrets "$image" init
scratch_volumes
on_scratch=(-v "$project-smoke-app:/run/latchkey/secrets" -v "$project-smoke-database:/run/latchkey/database-secrets"
	-e LATCHKEY_DATABASE_SECRETS_DIR=/run/latchkey/database-secrets)
check 'init refuses new secrets over old data' refuses 'PostgreSQL has data of an earlier start' \
	our "${on_scratch[@]}" -v "${project}_database:/run/latchkey/database:ro" "$image" init
check 'init makes secrets where there is no data' eval 'our "${on_scratch[@]}" "$image" init >/dev/null'
our "${on_scratch[@]}" --user 0 --entrypoint chown "$image" -R 4711:4711 /run/latchkey/secrets
check 'init refuses a volume of somebody else and names the owner' refuses 'belongs to 4711:4711' \
	our "${on_scratch[@]}" -v "${project}_database:/run/latchkey/database:ro" "$image" init
scratch_volumes
check 'a misspelt setting is refused with the right name' refuses 'the nearest is LATCHKEY_LOG_LEVEL' \
	our -e LATCHKEY_LOGLEVEL=debug "$image" init

check 'no secret in logs and container settings' nothing_leaks
finish

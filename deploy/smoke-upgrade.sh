#!/usr/bin/env bash
# Tries deploy/upgrade and deploy/upgrade-postgres on the running bundle: there and back, with an image that
# does not work, and killed half-way, each while a key is used without end.
#
#   docker compose up --build --wait && deploy/smoke-upgrade.sh [POSTGRES_IMAGE]
#
# With POSTGRES_IMAGE, of the next major version, PostgreSQL is taken there and back, too.
#
# Not for an appliance in use: see deploy/smoke.sh, which tells what is needed and how it ends. Images that it
# makes are removed. With POSTGRES_IMAGE it ends on the newer version, which .env names then.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. deploy/compose/trying.sh

next_postgres=${1:-}
scratch=$(mktemp -d)
export LATCHKEY_IMAGE LATCHKEY_BACKUP_DIR=${LATCHKEY_BACKUP_DIR:-$scratch/backups}

# upgrade ARGUMENTS…: sets $status and $body (what it said).
upgrade() {
	body=$(deploy/upgrade "$@" 2>&1 </dev/null)
	status=$?
}
upgrade_postgres() {
	body=$(deploy/upgrade-postgres "$@" 2>&1 </dev/null)
	status=$?
}
# ended STATUS TEXT
ended() {
	answers "$1" && says "$2" && return
	printf '%s\n' "$body" | sed 's/^/     | /'
	return 1
}

image_id() { docker image inspect --format '{{.Id}}' "$1"; }
servers() { compose ps --quiet server; }
images_of_servers() { docker inspect --format '{{.Image}}' $(servers) | sort -u; }
# all_run IMAGE: as many servers as there were, all of them of this image, and well; and the worker.
all_run() {
	[ "$(servers | wc -l)" = "$number" ] && [ "$(images_of_servers)" = "$(image_id "$1")" ] &&
		[ "$(docker inspect --format '{{.State.Health.Status}}' $(servers) | sort -u)" = healthy ] &&
		[ "$(inspect worker '{{.Image}}')" = "$(image_id "$1")" ] && is_healthy worker
}
# make_image NAME [LINE]: the image in use with a line more.
make_image() { printf 'FROM %s\n%s\n' "$first" "${2:-LABEL org.opencontainers.image.version=next}" | docker build --quiet --tag "$1" - >/dev/null; }
take() { docker tag "$1" "$LATCHKEY_IMAGE"; }
# Behind the balancer nothing may fail; a server by itself is away for as long as it needs to start. 200 a second
# at most: an upgrade is not made on a machine that is busy to the brim.
begin_use() { if is_balanced; then begin_load 40 0.2; fi; }
end_use() { if is_balanced; then end_load "$1" 0; fi; }

clean_up() {
	docker image rm --force "$first" "$next" "$broken" "${LATCHKEY_IMAGE%:*}:previous"
	rm -rf "$scratch"
} >/dev/null 2>&1

meet
number=$(servers | wc -l)
LATCHKEY_IMAGE=$image
first=latchkey-upgrade-first:$$ next=latchkey-upgrade-next:$$ broken=latchkey-upgrade-broken:$$
docker tag "$image" "$first"
trap clean_up EXIT
(umask 077 && printf '%s' "$good" >"$scratch/key")
must 'images to upgrade to are made' make_image "$next"
must 'and one whose server does not start' make_image "$broken" \
	'USER 0
RUN mv /usr/local/bin/latchkey /usr/local/bin/works && printf '"'"'#!/bin/sh\n[ "$1" = server ] && { echo "it does not start"; exit 1; }\nexec works "$@"\n'"'"' >/usr/local/bin/latchkey && chmod 755 /usr/local/bin/latchkey
USER 10001:10001'

# --- refusals

for wrong in '--nonsense' '--wait soon' '--key-file'; do
	upgrade $wrong
	check "upgrade $wrong is wrong use" ended 2 'Usage: deploy/upgrade'
done
upgrade --key-file "$scratch/none"
check 'a file of a key that is not there is named' ended 2 'cannot be read'
printf 'hklst_nobody' >"$scratch/wrong-key"
upgrade --as-is --key-file "$scratch/wrong-key"
check 'a key that is not accepted stands in the way' ended 1 'is not accepted now'
LATCHKEY_IMAGE=latchkey-none:$$ upgrade --as-is
check 'an image that is not there stands in the way' ended 1 'There is no image'
LATCHKEY_IMAGE=127.0.0.1:1/latchkey:none upgrade --no-backup
check 'an image that cannot be pulled is told' ended 1 'could not be pulled; nothing was changed'
upgrade --back
check 'there is no way back before there was an upgrade' ended 1 'nothing was replaced'
check 'none of these changed anything' all_run "$first"

# --- there and back

take "$next"
upgrade --as-is --check
check 'with --check it says what it would do' ended 0 'Nothing was changed'
check 'and does none of it' all_run "$first"
begin_use
upgrade --as-is --key-file "$scratch/key"
check 'an upgrade succeeds' ended 0 'Every server accepts the key'
check 'there is a backup from before' says 'A backup was made'
end_use 'an upgrade'
check 'every server and the worker are replaced' all_run "$next"
upgrade --as-is
check 'once more it has nothing to do' ended 0 'server: is what it should be'
begin_use
upgrade --back
check 'the way back succeeds' ended 0 'run the version before'
end_use 'the way back'
check 'every server and the worker are of the version before' all_run "$first"

# --- what goes wrong

take "$broken"
begin_use
upgrade --as-is --wait 60
check 'a server that does not start ends the upgrade, with its last lines' ended 1 'it does not start'
check 'it says what goes on' says 'The server of before goes on'
end_use 'a server that does not start'
check 'every server and the worker are of the version before' all_run "$first"
check 'the key works' works "$good"

take "$next"
begin_use
# A process group of its own: a kill is to reach all of it.
set -m
deploy/upgrade --as-is >/dev/null 2>&1 </dev/null &
group=$!
set +m
check 'the first server is replaced' within 120 eval 'images_of_servers | grep "$(image_id "$next")" >/dev/null'
kill -9 -- "-$group"
wait "$group" 2>/dev/null
check 'the upgrade was killed: the key works' within 60 works "$good"
upgrade --as-is
check 'run again it is finished' ended 0 'Every server is ready'
end_use 'an upgrade that was killed, and run again'
check 'every server and the worker are replaced' all_run "$next"
check 'nobody is left over' [ "$(compose ps --all --quiet server | wc -l)" = "$number" ]

# --- PostgreSQL

postgres_image=$(inspect postgres '{{.Config.Image}}')
upgrade_postgres
check 'upgrade-postgres without an image is wrong use' ended 2 'Usage: deploy/upgrade-postgres'
upgrade_postgres "$postgres_image"
check 'the same version is nothing to upgrade to' ended 1 "'s already"
upgrade_postgres --drop-old
check 'there is no old volume to drop' ended 1 'There is no volume of before'
upgrade_postgres --back
check 'and none to go back to' ended 1 'Nothing leads back'
POSTGRES_IMAGE=$postgres_image upgrade_postgres "${next_postgres:-$postgres_image}" --check
check 'a variable that would go before .env stands in the way' ended 1 'POSTGRES_IMAGE is set in the environment'

if [ -n "$next_postgres" ]; then
	major() { compose exec -T postgres psql -U postgres -d latchkey -Atc 'show server_version_num' | cut -c 1-2; }
	before=$(major)
	compose exec -T postgres psql -U postgres -d latchkey -c 'select pg_sleep(3600)' >/dev/null 2>&1 &
	within 30 eval '[ "$(compose exec -T postgres psql -U postgres -d latchkey -Atc "select count(*) from pg_stat_activity where query ~ '"'pg_sleep.3600'"'")" -ge 1 ]'
	upgrade_postgres "$next_postgres" --check
	check 'somebody who is connected is named' ended 1 'Others are connected'
	compose exec -T postgres psql -U postgres -d latchkey -c 'create role visitor login' >/dev/null
	upgrade_postgres "$next_postgres" --disconnect
	check 'PostgreSQL is taken to the next version; who was connected is not any more' ended 0 'rights, indexes, constraints, triggers and functions are the same'
	check 'it runs' eval '[ "$(major)" -gt "$before" ]'
	check 'the key works' within 30 works "$good"
	check 'a role of the operator came along' eval '[ "$(compose exec -T postgres psql -U postgres -d latchkey -Atc "select count(*) from pg_roles where rolname = '"'visitor'"'")" = 1 ]'
	upgrade_postgres --back
	check 'the way back succeeds' ended 0 'Server and worker are healthy'
	check 'the version before runs' eval '[ "$(major)" = "$before" ]'
	check 'the key works' within 30 works "$good"
	upgrade_postgres --drop-old
	check 'the volume in use is not dropped' ended 1 'is the one in use'
	volume=$(docker volume ls --quiet --filter "label=com.docker.compose.project=$project" | grep '_database-')
	upgrade_postgres "$next_postgres"
	check 'what an upgrade has filled is not overwritten' ended 1 'There is a volume'
	docker volume rm "$volume" >/dev/null
	upgrade_postgres "$next_postgres"
	check 'without it PostgreSQL is taken to the next version again' ended 0 'as it was'
	upgrade_postgres --drop-old
	check 'the old volume is dropped' ended 0 'is removed'
	check 'the key works' within 30 works "$good"
else
	printf '%s\n' 'PostgreSQL was not taken to another version: no image of one was named'
fi

check 'no secret in what is left in logs and settings' eval '! { compose logs --no-color; docker inspect $(compose ps --all --quiet); } | grep -F -e "$good" -e "$password" >/dev/null'
finish

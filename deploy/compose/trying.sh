# What deploy/smoke.sh and deploy/smoke-upgrade.sh share: asking the running bundle as a client would, and telling
# what came of it; bash, in the folder of docker-compose.yml.

passed=0 failed=0
email=${SMOKE_EMAIL:-smoke@latchkey.example}
password=${SMOKE_PASSWORD:-$(head -c 24 /dev/urandom | base64)}
token='' status='' body='' revocation='' rate_limit='' retry_after=''

# --- telling

pass() { passed=$((passed + 1)); printf 'ok   %s\n' "$1"; }
fail() { failed=$((failed + 1)); printf 'FAIL %s\n' "$1"; shift; [ $# = 0 ] || printf '     %s\n' "$@"; }

# check NAME COMMAND…: passes when the command succeeds.
check() {
	local name=$1
	shift
	if "$@"; then pass "$name"; else fail "$name" "last answer: ${status:-none} ${body:0:300}"; fi
}

finish() {
	printf '\n%d passed, %d failed\n' "$passed" "$failed"
	[ "$failed" = 0 ] || exit 1
	exit 0
}

# Without this nothing after it makes sense.
must() {
	check "$@"
	[ "$failed" = 0 ] || finish
}

# within SECONDS COMMAND…: again and again until it succeeds.
within() {
	local until=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$until" ] || return 1
		sleep 0.2
	done
}

# --- asking

# call METHOD PATH [HEADER] [JSON]: sets $status (000: no answer), $body, and of the headers $revocation, $rate_limit
# and $retry_after. Credentials go by pipe, so that they are in no command line.
call() {
	local answer of
	answer=$(curl --silent --max-time 10 --request "$1" \
		--write-out '\n%header{latchkey-revocation}\n%header{ratelimit}\n%header{retry-after}\n%{http_code}' "$url$2" \
		--config <(
			[ -z "${3:-}" ] || printf 'header = "%s"\n' "$3"
			[ -z "${4:-}" ] || printf 'header = "Content-Type: application/json"\ndata = "%s"\n' "${4//\"/\\\"}"
		))
	for of in status retry_after rate_limit revocation; do
		printf -v "$of" %s "${answer##*$'\n'}"
		answer=${answer%$'\n'*}
	done
	body=$answer
}
# On a busy machine PostgreSQL can take too long for a change: 503 says that nothing was changed, and to come again.
as_user() {
	local attempt
	for attempt in 1 2 3; do
		call "$1" "$2" "Authorization: Bearer $token" "${3:-}"
		[ "$status" = 503 ] || return 0
		sleep 1
	done
}
with_key() { call GET "${2:-/api/v1/sources}" "X-API-Key: $1"; }

answers() { [ "$status" = "$1" ]; }
says() { [[ $body == *"$1"* ]]; }
# field NAME: the first member of that name that is a string.
field() { grep -o "\"$1\":\"[^\"]*\"" <<<"$body" | sed -n 1p | cut -d '"' -f 4; }

compose() { docker compose "$@" 2>/dev/null </dev/null; }
# The first, where there are several.
container() { compose ps --all --quiet "$1" | sed -n 1p; }
inspect() { docker inspect --format "$2" "$(container "$1")"; }
is_balanced() { [ -n "$(container caddy)" ]; }
find_url() {
	local front=server
	! is_balanced || front=caddy
	url=http://$(compose port "$front" 8080)
	[ "$url" != http:// ]
}

is_ready() { call GET /readyz; answers 200 && says '"status":"ready"'; }
is_healthy() { [ "$(inspect "$1" '{{.State.Health.Status}}')" = healthy ]; }
has_restarted() { [ "$(inspect "$1" '{{.RestartCount}} {{.State.StartedAt}}')" != "$2" ]; }

log_in() {
	call POST /api/v1/auth/login '' "{\"email\":\"$email\",\"password\":\"$password\"}"
	token=$(field access_token)
	answers 200 && [ -n "$token" ]
}

# create_key NAME [TERMS]: sets $key and $key_id.
create_key() {
	as_user POST "/api/v1/organizations/$organization/api-keys" "{\"name\":\"$1\"${2:+,$2}}"
	key=$(field key) key_id=$(field id)
	answers 201 && [ -n "$key" ]
}
revoke() {
	as_user DELETE "/api/v1/organizations/$organization/api-keys/$1"
	answers 200 && says '{"message":"API key revoked successfully"}'
}
create_source() {
	as_user POST /api/v1/sources "{\"name\":\"$1\",\"type\":\"smoke\"}"
	answers 201 && acknowledged+=("$(field id)")
}
works() { with_key "$1"; answers 200; }
# is_left NUMBER…: so much is left of each limit of the key, in their order.
is_left() {
	local pattern='' left
	for left in "$@"; do pattern+="${pattern:+, }\"[a-z]+\";r=$left;t=[0-9]+"; done
	[[ $rate_limit =~ ^$pattern$ ]]
}
is_limited() { with_key "$1"; answers 429 && says "{\"error\":\"$2\"}" && [ "$retry_after" -gt 0 ]; }
is_refused() { with_key "$1"; answers 401 && says '{"error":"Invalid or missing API key"}'; }

key_row() {
	as_user GET "/api/v1/organizations/$organization/api-keys"
	answers 200 && row=$(grep -o "{\"id\":\"$1\"[^}]*}" <<<"$body")
}
last_used() { key_row "$1" && grep -o '"last_used_at":"[^"]*"' <<<"$row"; }
used_after() { [ "$(last_used "$1")" \> "$2" ]; }

# --- load and death

# SIGKILL to the first process of a container, as the kernel would send it. `docker kill` would count
# as a stop that somebody wanted, after which nothing is started again.
kill_9() {
	docker run --rm --pid host --user 0 --entrypoint bash "$image" -c "kill -9 $(inspect "$1" '{{.State.Pid}}')"
}

# Requests that are in flight at once: several for each process.
at_once=8

# use_often KEY TIMES [PATH]: a line for each use: its status, and the part of the request id that names the
# process. What follows the # is not sent.
use_often() {
	curl --silent --no-progress-meter --parallel --parallel-max "$at_once" --max-time 30 --output /dev/null \
		--write-out '%{http_code} %header{request-id}\n' "$url${3:-/api/v1/keys/self}#[1-$2]" \
		--config <(printf 'header = "X-API-Key: %s"\n' "$1") 2>/dev/null | cut -c 1-24
}
# begin_load [TIMES PAUSE]: uses the key without end, so that there is always something in flight; or so many
# times, and then not for so many seconds.
begin_load() {
	load=$(mktemp -d)
	: >"$load/uses"
	while [ ! -e "$load/stop" ]; do
		use_often "$good" "${1:-200}" >>"$load/uses"
		sleep "${2:-0}"
	done &
	load_process=$!
	within 30 eval '[ "$(wc -l <"$load/uses")" -ge 200 ]'
}
# end_load NAME MOST: at most so many of the uses failed.
end_load() {
	local all failures
	touch "$load/stop"
	wait "$load_process"
	all=$(wc -l <"$load/uses") failures=$(grep -vc '^200 ' "$load/uses")
	body=$(grep -v '^200 ' "$load/uses")
	rm -rf "$load"
	check "$1: $failures of $all uses failed" [ "$failures" -le "$2" ]
}

# --- beginning

# What every trial begins with: a bundle that is ready, an administrator, an organisation and a key ($good).
meet() {
	must 'the bundle is up' find_url
	project=$(inspect server '{{index .Config.Labels "com.docker.compose.project"}}')
	image=$(inspect server '{{.Config.Image}}')
	acknowledged=()

	must 'it is ready' within 30 is_ready
	call GET /livez
	check 'it is alive' says '{"status":"ok"}'

	call GET /api/v1/setup
	if says '"required":true'; then
		call POST /api/v1/setup "Latchkey-Setup-Token: $(compose exec -T server cat /run/latchkey/secrets/setup_token)" \
			"{\"email\":\"$email\",\"password\":\"$password\"}"
		check 'the setup token makes the first administrator' answers 201
	fi
	must 'the administrator logs in' log_in
	as_user GET /api/v1/organizations
	organization=$(grep -o '{[^}]*"plan":"team"[^}]*}' <<<"$body" | grep -o '"id":"[^"]*"' | sed -n 1p | cut -d '"' -f 4)
	must 'there is an organisation on the Team plan' test -n "$organization"

	must 'a key is created' create_key smoke
	good=$key good_id=$key_id
}

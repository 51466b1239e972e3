#!/bin/sh
# The contract's cURL client: LATCHKEY_HOST and API_KEY from the environment.
set -eu
body=$(mktemp)
trap 'rm -f "$body"' EXIT
statuses=

call() { # header method path [json]
	status=$(curl -sS -o "$body" -w '%{http_code}' -X "$2" -H "$1" -H 'Content-Type: application/json' \
		${4:+--data "$4"} "$LATCHKEY_HOST/api/v1$3")
	statuses="${statuses:+$statuses,}$status"
}
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$body"; }

bearer="Authorization: Bearer $API_KEY"
call "$bearer" POST /sources '{"name":"from cURL","type":"webhook"}'
id=$(member id)
call "X-API-Key: $API_KEY" GET /sources
listed=false
grep -q "$id" "$body" && listed=true
call "$bearer" GET "/sources/$id"
call "$bearer" PUT "/sources/$id" '{"name":"renamed"}'
name=$(member name)
call "$bearer" DELETE "/sources/$id"
call 'Authorization: Bearer hklst_your_api_key_here' GET /sources
printf '{"statuses":[%s],"listed":%s,"name":"%s","error":"%s"}\n' "$statuses" "$listed" "$name" "$(member error)"

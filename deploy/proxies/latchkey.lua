-- Asks Latchkey about each request (HAProxy 2.6 or newer, nothing but what it brings along).
--
--   global
--     lua-load-per-thread /etc/haproxy/latchkey.lua
--   frontend …
--     http-request lua.latchkey http://127.0.0.1:8080
--     http-request deny deny_status 503 unless { var(txn.latchkey_passed) -m bool }
--     http-after-response add-header RateLimit-Policy %[var(txn.latchkey_ratelimit_policy)] if { var(txn.latchkey_ratelimit_policy) -m found }
--     http-after-response add-header RateLimit %[var(txn.latchkey_ratelimit)] if { var(txn.latchkey_ratelimit) -m found }
--
-- What a key must be good for may stand behind the address: http://127.0.0.1:8080?scopes=orders.read
--
-- The second line is the lock: it also holds when this script could not run. A request that passes
-- carries X-Auth-Method, -Key-Id and the others as Latchkey said, none of the client's own, and no
-- credential. A refused one is answered here with what Latchkey answered. The last two tell the client
-- what is left of the limits of its key.

-- For one attempt. Without an answer HAProxy makes up to three more; Latchkey answers within 1.5 s.
local timeout_ms = 2000

-- What Latchkey has to see; with every line of each, so that it sees two where there are two.
local asked_with = {"authorization", "x-api-key", "latchkey-organization", "accept"}

local identity = {
	"x-auth-method", "x-auth-key-id", "x-auth-user-id", "x-auth-organization",
	"x-auth-lineage", "x-auth-owner", "x-auth-scopes", "x-auth-scopes-omitted",
}

local refusals = {[401] = true, [403] = true, [404] = true, [429] = true}
local refusal_headers = {
	"content-type", "www-authenticate", "latchkey-error-code", "request-id", "retry-after", "cache-control",
	"ratelimit-policy", "ratelimit", "latchkey-denied-status",
}

-- What is left of the limits of the key: for the client, by variables that haproxy.cfg reads.
local limits = {
	["ratelimit-policy"] = "txn.latchkey_ratelimit_policy",
	["ratelimit"] = "txn.latchkey_ratelimit",
}

-- HAProxy counts lines from 0, its client wants them from 1.
local function lines(values)
	local list = {}
	for i = 0, #values do
		list[#list + 1] = values[i]
	end
	return list
end

local function question(txn, headers)
	local sent = {
		["x-forwarded-for"] = {txn.f:src()},
		["x-forwarded-method"] = {txn.f:method()},
		["x-forwarded-uri"] = {txn.f:url()},
	}
	if headers.host ~= nil then
		sent["x-forwarded-host"] = {headers.host[0]}
	end
	for _, name in ipairs(asked_with) do
		if headers[name] ~= nil then
			sent[name] = lines(headers[name])
		end
	end
	return sent
end

-- A header X_Auth_Key_Id, or X.Auth.Key.Id, is X-Auth-Key-Id to many services (CGI, WSGI, Rack).
local function remove_claims(txn, headers)
	for name in pairs(headers) do
		if name:find("^x[^%w]auth") then
			txn.http:req_del_header(name)
		end
	end
end

-- With `Connection: X-Auth-Key-Id` a client could have a later hop take the header away.
local function shorten_connection(txn, headers)
	for _, value in ipairs(lines(headers.connection or {})) do
		if value:lower():find("upgrade", 1, true) then
			txn.http:req_set_header("connection", "upgrade")
			return
		end
	end
	txn.http:req_del_header("connection")
end

local function refuse(txn, answer)
	local reply = txn:reply({status = 503})
	if answer ~= nil and refusals[answer.status] then
		reply:set_status(answer.status)
		for _, name in ipairs(refusal_headers) do
			for _, value in ipairs(lines(answer.headers[name] or {})) do
				reply:add_header(name, value)
			end
		end
		reply:set_body(answer.body)
	else
		reply:add_header("content-type", "application/json; charset=utf-8")
		reply:add_header("retry-after", "1")
		reply:set_body('{"error":"Service temporarily unavailable"}')
	end
	txn:done(reply)
end

local function check(txn, latchkey)
	local headers = txn.http:req_get_headers()
	remove_claims(txn, headers)
	shorten_connection(txn, headers)

	local address, query = latchkey:match("^([^?]*)(.*)$")
	local answer = core.httpclient():get({
		url = address .. "/api/v1/forward-auth" .. query,
		headers = question(txn, headers),
		timeout = timeout_ms,
	})
	if answer == nil or answer.status ~= 200 then
		return refuse(txn, answer)
	end

	for _, name in ipairs(identity) do
		local values = answer.headers[name]
		if values ~= nil then
			txn.http:req_set_header(name, values[0])
		end
	end
	for name, variable in pairs(limits) do
		local values = answer.headers[name]
		if values ~= nil then
			txn:set_var(variable, table.concat(lines(values), ", "))
		end
	end
	txn.http:req_del_header("authorization")
	txn.http:req_del_header("x-api-key")
	txn:set_var("txn.latchkey_passed", true)
end

core.register_action("latchkey", {"http-req"}, check, 1)

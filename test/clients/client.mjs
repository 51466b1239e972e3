// The contract's JavaScript client: LATCHKEY_HOST and API_KEY from the environment.
const host = process.env.LATCHKEY_HOST;
const apiKey = process.env.API_KEY;

async function call(method, path, body, headers = {Authorization: `Bearer ${apiKey}`}) {
	const response = await fetch(`${host}/api/v1${path}`, {
		method,
		headers: {...headers, 'Content-Type': 'application/json'},
		body: body === undefined ? undefined : JSON.stringify(body),
	});
	return {status: response.status, body: await response.json()};
}

const created = await call('POST', '/sources', {name: 'from JavaScript', type: 'webhook'});
const id = created.body.id;
const listed = await call('GET', '/sources', undefined, {'X-API-Key': apiKey});
const read = await call('GET', `/sources/${id}`);
const updated = await call('PUT', `/sources/${id}`, {name: 'renamed'});
const deleted = await call('DELETE', `/sources/${id}`);
const refused = await call('GET', '/sources', undefined, {Authorization: 'Bearer hklst_your_api_key_here'});

console.log(
	JSON.stringify({
		statuses: [created, listed, read, updated, deleted, refused].map((answer) => answer.status),
		listed: listed.body.some((source) => source.id === id),
		name: updated.body.name,
		error: refused.body.error,
	}),
);

/** A provider that takes longer, or sends more, is treated as one that is away. */
const timeoutMs = 3000;
const mostBytes = 64 * 1024;

/** A provider could not be asked, or its answer is no use. Never holds what it sent. */
export class ProviderFault extends Error {}

type Options = {
	method?: string;
	headers?: Record<string, string>;
	body?: URLSearchParams | undefined;
};

/**
 * Asks a provider: no redirects, 3 s, at most 64 KiB of answer, which is in memory when this
 * returns.
 *
 * @throws {ProviderFault}
 */
export async function askProvider(url: string, options: Options = {}): Promise<Response> {
	const {method = 'GET', headers = {}, body = null} = options;
	let answer: Response;
	let bytes: Uint8Array | undefined;
	try {
		answer = await fetch(url, {
			method,
			headers: {...headers, 'accept-encoding': 'identity'},
			body,
			redirect: 'error',
			signal: AbortSignal.timeout(timeoutMs),
		});
		bytes = await readBounded(answer);
	} catch (error) {
		throw new ProviderFault(`no answer (${reasonOf(error)})`);
	}
	if (bytes === undefined) throw new ProviderFault('an answer of more than 64 KiB');
	const {status, headers: answered} = answer;
	const type = answered.get('content-type');
	const challenge = answered.get('www-authenticate');
	return new Response(status === 204 || status === 304 ? null : Buffer.from(bytes), {
		status,
		headers: {
			...(type === null ? {} : {'content-type': type}),
			...(challenge === null ? {} : {'www-authenticate': challenge}),
		},
	});
}

/** @throws {ProviderFault} */
export async function fetchJson(url: string): Promise<unknown> {
	const answer = await askProvider(url, {headers: {accept: 'application/json'}});
	if (answer.status !== 200) throw new ProviderFault(`an answer of status ${answer.status}`);
	try {
		return await answer.json();
	} catch {
		throw new ProviderFault('an answer that is no JSON');
	}
}

/** @returns undefined where there is more than we take; the rest is not read */
async function readBounded(answer: Response): Promise<Uint8Array | undefined> {
	if (Number(answer.headers.get('content-length') ?? 0) > mostBytes) {
		await answer.body?.cancel();
		return undefined;
	}
	const chunks: Uint8Array[] = [];
	let length = 0;
	// Leaving the loop early cancels the body.
	for await (const chunk of answer.body ?? []) {
		length += chunk.length;
		if (length > mostBytes) return undefined;
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

/** The name of what went wrong: messages of fetch may hold parts of an answer. */
function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return 'unknown';
	const {cause} = error;
	if (cause instanceof Error && 'code' in cause) return String(cause.code);
	if (cause instanceof Error && cause.message === 'unexpected redirect') return 'redirect';
	return error.name;
}

type PlainLines = Record<'authorization' | 'host' | 'user-agent' | 'x-api-key', string[]>;

/**
 * The lines that can hold a credential, and the program, as `headersDistinct` has them.
 *
 * @param raw names and values in turn, as they came
 * @param hasBody whether a body is due; one that is not may be announced and never come
 * @returns undefined where the application must look: two Host lines, problem+json, a transfer coding
 */
export function plainLines(raw: readonly string[], hasBody: boolean): PlainLines | undefined {
	const found: PlainLines = {authorization: [], host: [], 'user-agent': [], 'x-api-key': []};
	for (let i = 0; i < raw.length; i += 2) {
		const name = raw[i] ?? '';
		// By length first: most lines are of no interest, and none of these names is as long as another.
		switch (name.length) {
			case 4:
				if (name.toLowerCase() === 'host') found.host.push(raw[i + 1] ?? '');
				break;
			case 6:
				if (name.toLowerCase() === 'accept' && (raw[i + 1] ?? '').includes('problem'))
					return undefined;
				break;
			case 9:
				if (name.toLowerCase() === 'x-api-key') found['x-api-key'].push(raw[i + 1] ?? '');
				break;
			case 10:
				if (name.toLowerCase() === 'user-agent') found['user-agent'].push(raw[i + 1] ?? '');
				break;
			case 13:
				if (name.toLowerCase() === 'authorization') found.authorization.push(raw[i + 1] ?? '');
				break;
			case 14:
				if (!hasBody && raw[i + 1] !== '0' && name.toLowerCase() === 'content-length')
					return undefined;
				break;
			case 17:
				if (name.toLowerCase() === 'transfer-encoding') return undefined;
				break;
			default:
		}
	}
	return found.host.length === 1 ? found : undefined;
}

/**
 * The lines that can hold a credential, as `headersDistinct` has them.
 *
 * @param raw names and values in turn, as they came
 * @param hasBody whether a body is due; one that is not may be announced and never come
 * @returns undefined where the application must look: two Host lines, problem+json, a transfer coding
 */
export function plainLines(
	raw: readonly string[],
	hasBody: boolean,
): Record<'authorization' | 'host' | 'x-api-key', string[]> | undefined {
	const found = {authorization: [] as string[], host: [] as string[], 'x-api-key': [] as string[]};
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

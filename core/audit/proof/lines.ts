/** Longer than any entry: what comes without a line end is not kept. */
const longestLine = 1_048_576;

/**
 * Lines of UTF-8, split at line feeds only: other characters that some take for the end of a line
 * may stand in one.
 *
 * @throws for a line of more than a mebibyte
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, void> {
	let rest: Buffer = Buffer.alloc(0);
	for await (const chunk of chunks) {
		const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
		let start = 0;
		for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
			yield bytes.toString('utf8', start, end);
			start = end + 1;
		}
		rest = bytes.subarray(start);
		if (rest.length > longestLine) throw new Error('a line is longer than 1 MiB');
	}
	if (rest.length > 0) yield rest.toString('utf8');
}

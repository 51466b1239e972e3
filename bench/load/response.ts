export type Response = {
	status: number;
	/** Whether the server closes the connection after it. */
	closes: boolean;
	/** Where the body begins. */
	bodyStart: number;
};

/**
 * Reads the one response that `bytes` hold: only what is needed to check and to time it, so that
 * the load costs little beside what it measures.
 *
 * @returns undefined while it is not whole
 * @throws for anything but one HTTP/1.1 response with a Content-Length
 */
export function readResponse(bytes: Buffer): Response | undefined {
	const headEnd = bytes.indexOf('\r\n\r\n');
	if (headEnd === -1) return undefined;
	const head = bytes.toString('latin1', 0, headEnd);
	if (!head.startsWith('HTTP/1.1 ')) throw new Error('the answer is not HTTP/1.1');
	const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
	if (length === undefined) throw new Error('an answer without Content-Length');
	const bodyStart = headEnd + 4;
	const end = bodyStart + Number(length);
	if (bytes.length < end) return undefined;
	if (bytes.length > end) throw new Error('more bytes than the answer has');
	return {
		status: Number(head.slice(9, 12)),
		closes: /\r\nconnection: *close/i.test(head),
		bodyStart,
	};
}

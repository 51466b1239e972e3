/** @throws when `promise` takes longer than `timeoutMs` */
export async function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
	const timeout = Promise.withResolvers<never>();
	const timer = setTimeout(() => timeout.reject(new Error('took too long')), timeoutMs);
	try {
		return await Promise.race([promise, timeout.promise]);
	} finally {
		clearTimeout(timer);
	}
}

import pg from 'pg';

/** Works on a connection of its own, which is closed at the end. */
export async function withClient<Result>(
	connection: pg.ClientConfig,
	work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
	const client = new pg.Client({
		...connection,
		connectionTimeoutMillis: 3000,
		query_timeout: 30_000,
	});
	// The server may go away between two statements; the statement then fails by itself.
	client.on('error', () => undefined);
	try {
		await client.connect();
		return await work(client);
	} finally {
		await client.end().catch(() => undefined);
	}
}

/**
 * Whether PostgreSQL lets this role in.
 *
 * @throws when it does not answer at all.
 */
export async function isLetIn(connection: pg.ClientConfig): Promise<boolean> {
	try {
		await withClient(connection, (client) => client.query('SELECT 1'));
		return true;
	} catch (error) {
		if (isRefusal(error)) return false;
		throw error;
	}
}

/** Whether a fault is PostgreSQL refusing a login: then it is there, and answers. */
function isRefusal(error: unknown): boolean {
	return error instanceof pg.DatabaseError && error.code?.startsWith('28') === true;
}

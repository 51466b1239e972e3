import {connect, createServer, type Socket} from 'node:net';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import type {DatabaseConfig} from '../../core/config/config.ts';

/** A line to PostgreSQL that is slow, and can be cut without either end noticing. */
export type Link = {
	/** For LATCHKEY_DATABASE_DIRECT_URL. */
	url: string;
	/** The same for code of core/. */
	config: DatabaseConfig;
	/** What is sent from now on is held back, in both directions. */
	cut: () => void;
	/** Everything held back arrives. */
	mend: () => void;
	close: () => void;
};

/**
 * @param delayMs what PostgreSQL says arrives up to this much later, in order
 * @param onSent gets what is sent to PostgreSQL
 */
export async function createLink(
	database: DatabaseConfig,
	delayMs: number,
	onSent?: (bytes: Buffer) => void,
): Promise<Link> {
	let mended = Promise.withResolvers<void>();
	mended.resolve();
	const sockets = new Set<Socket>();
	const server = createServer((near) => {
		const far = connect(path.join(database.host, `.s.PGSQL.${database.port}`));
		if (onSent !== undefined) near.on('data', onSent);
		forward(near, far, 0);
		forward(far, near, delayMs);
	});

	function forward(from: Socket, to: Socket, most: number): void {
		sockets.add(from);
		let before = Promise.resolve();
		from.on('data', (chunk) => {
			const due = sleep(Math.random() * most);
			before = Promise.all([before, due])
				.then(() => mended.promise)
				.then(() => void to.write(chunk));
		});
		from.on('error', () => {});
		from.on('close', () => {
			sockets.delete(from);
			void before.then(() => to.destroy());
		});
	}

	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('no port');
	return {
		config: {...database, host: '127.0.0.1', port: address.port},
		url: `postgresql://${database.user}@127.0.0.1:${address.port}/${database.database}`,
		cut() {
			mended = Promise.withResolvers<void>();
		},
		mend: () => mended.resolve(),
		close() {
			mended.resolve();
			for (const socket of sockets) socket.destroy();
			server.close();
		},
	};
}

import {stat} from 'node:fs/promises';
import net from 'node:net';

export type Lock = {release(): Promise<void>};

/**
 * Takes the lock of a directory, for as long as this process lives at most.
 *
 * An abstract unix socket (unix(7)), named by the directory's device and inode: the kernel frees it
 * with the process, however that dies, so there is nothing that could be left behind. Whoever
 * connects is told who holds it.
 *
 * @returns the lock, or the process id of its holder (undefined if it does not say).
 */
export async function lockDirectory(
	directory: string,
): Promise<{lock: Lock} | {lock?: undefined; heldBy: number | undefined}> {
	const {dev, ino} = await stat(directory, {bigint: true});
	const name = `\0latchkey-start-${dev}-${ino}`;

	const server = net.createServer((connection) => {
		connection.on('error', () => connection.destroy());
		connection.end(String(process.pid));
	});
	server.unref();
	const {promise, resolve, reject} = Promise.withResolvers<boolean>();
	server.once('listening', () => resolve(true));
	server.once('error', (error: NodeJS.ErrnoException) => {
		if (error.code === 'EADDRINUSE') {
			resolve(false);
		} else {
			reject(error);
		}
	});
	server.listen(name);

	if (!(await promise)) return {heldBy: await askHolder(name)};
	return {
		lock: {
			async release() {
				const closed = Promise.withResolvers<void>();
				server.close(() => closed.resolve());
				await closed.promise;
			},
		},
	};
}

async function askHolder(name: string): Promise<number | undefined> {
	const {promise, resolve} = Promise.withResolvers<number | undefined>();
	const connection = net.connect(name);
	connection.setTimeout(1000, () => resolve(undefined));
	connection.once('data', (data) => resolve(Number(data.toString()) || undefined));
	connection.once('error', () => resolve(undefined));
	connection.once('close', () => resolve(undefined));
	return promise.finally(() => connection.destroy());
}

import {setImmediate as nextTurn} from 'node:timers/promises';
import {connect, type TLSSocket} from 'node:tls';
import {AbstractConnector, type RedisOptions} from 'ioredis';

/**
 * Connects by TLS, as ioredis itself would, but goes on listening for errors: ioredis hears the first one of
 * a socket, and one that is closed during its handshake has another, which would end the process.
 */
export class TlsConnector extends AbstractConnector {
	readonly #options: RedisOptions;

	constructor(options: unknown) {
		super((options as RedisOptions).disconnectTimeout ?? 0);
		this.#options = options as RedisOptions;
	}

	/** @throws where it was told to disconnect meanwhile */
	override async connect(): Promise<TLSSocket> {
		const {host, port, tls} = this.#options;
		this.connecting = true;
		await nextTurn();
		if (!this.connecting) throw new Error('Connection is closed.');
		const socket = connect({...(host && {host}), ...(port && {port}), ...(tls as object)});
		socket.on('error', (error) => {
			this.firstError = error;
		});
		this.stream = socket;
		return socket;
	}
}

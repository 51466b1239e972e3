import {createPublicKey, sign, type KeyObject} from 'node:crypto';
import {setTimeout as sleep} from 'node:timers/promises';
import {promisify} from 'node:util';
import type {Knex} from 'knex';
import type {Log} from '../log.ts';
import type {Vault} from '../secrets/vault.ts';
import type {PublicKey, SigningPurpose} from '../db/tables.ts';
import {listSigningKeys, openSigningKey} from './store.ts';

/** Keys that others made, or sealed anew, are read after at most this long, in milliseconds. */
export const refreshMs = 5000;
/** Key ids that nobody knows cause at most one reading in this time, in milliseconds. */
const missMs = 1000;

type KnownKey = {
	kid: string;
	purpose: SigningPurpose;
	jwk: PublicKey;
	publicKey: KeyObject;
	/** With its sealed form, to see when it was sealed anew. */
	signing: {sealed: Buffer; privateKey: KeyObject} | undefined;
	isActive: boolean;
};

export type Signer = {
	kid: string;
	/** @returns the Ed25519 signature, 64 bytes */
	sign: (bytes: Uint8Array) => Promise<Buffer>;
};

const signAsync = promisify(sign);

/** The signing keys as PostgreSQL has them, read again every five seconds and for unknown key ids. */
export class SigningKeys {
	readonly #options: {db: Knex; vault: Vault; log: Log};
	#keys: readonly KnownKey[] = [];
	#reading: Promise<void> | undefined;
	#lastMiss: {at: number; reading: Promise<void>} | undefined;
	#stopping = new AbortController();

	constructor(options: {db: Knex; vault: Vault; log: Log}) {
		this.#options = options;
	}

	/** Keeps what is known up to date, until stopped. */
	start(): void {
		void this.#run();
	}

	stop(): void {
		this.#stopping.abort();
	}

	/** Reads the keys. @throws {SealError}, and when PostgreSQL cannot be asked */
	read(): Promise<void> {
		this.#reading ??= this.#read().finally(() => {
			this.#reading = undefined;
		});
		return this.#reading;
	}

	/** The key that signs now. */
	current(purpose: SigningPurpose): {kid: string; privateKey: KeyObject} {
		const found = this.#keys.find((key) => key.purpose === purpose && key.isActive && key.signing);
		if (found?.signing === undefined) throw new Error(`no key that signs for ${purpose}`);
		return {kid: found.kid, privateKey: found.signing.privateKey};
	}

	/** What signs heads of the audit trail now; its public key stays in /.well-known/audit-keys.json. */
	forAudit(): Signer {
		const {kid, privateKey} = this.current('audit');
		return {kid, sign: (bytes) => signAsync(null, bytes, privateKey)};
	}

	/**
	 * The public key of a key id. One that is not known may have been made just now.
	 *
	 * @throws when PostgreSQL cannot be asked
	 */
	async find(purpose: SigningPurpose, kid: string): Promise<KeyObject | undefined> {
		const known = this.#known(purpose, kid);
		if (known !== undefined) return known;
		if (this.#lastMiss === undefined || performance.now() - this.#lastMiss.at >= missMs) {
			// A reading under way may have begun before the key was made.
			const underWay = Promise.resolve(this.#reading).catch(() => {});
			this.#lastMiss = {at: performance.now(), reading: underWay.then(() => this.read())};
		}
		await this.#lastMiss.reading;
		return this.#known(purpose, kid);
	}

	/** Public keys of a purpose, also of those that sign no more or not yet; the newest first. */
	published(purpose: SigningPurpose): readonly (PublicKey & {kid: string})[] {
		return this.#keys.filter((key) => key.purpose === purpose).map(({kid, jwk}) => ({...jwk, kid}));
	}

	#known(purpose: SigningPurpose, kid: string): KeyObject | undefined {
		return this.#keys.find((key) => key.kid === kid && key.purpose === purpose)?.publicKey;
	}

	async #read(): Promise<void> {
		const {db, vault} = this.#options;
		const rows = await listSigningKeys(db);
		this.#keys = rows.map(({kid, purpose, public_jwk: jwk, private_key: sealed, is_active}) => {
			const before = this.#keys.find((key) => key.kid === kid);
			let signing = before?.signing;
			if (sealed === null) signing = undefined;
			else if (signing === undefined || !signing.sealed.equals(sealed)) {
				signing = {sealed, privateKey: openSigningKey(vault, kid, sealed)};
			}
			const publicKey = before?.publicKey ?? createPublicKey({key: jwk, format: 'jwk'});
			return {kid, purpose, jwk, publicKey, signing, isActive: is_active};
		});
	}

	async #run(): Promise<void> {
		const {signal} = this.#stopping;
		while (!signal.aborted) {
			await sleep(refreshMs, undefined, {signal, ref: false}).catch(() => {});
			if (signal.aborted) return;
			await this.read().catch((error: unknown) =>
				this.#options.log.warn(
					{error},
					'the signing keys could not be read; those known stay in use',
				),
			);
		}
	}
}

import {Failure} from '../failure.ts';
import {sessionEnded} from './ended.ts';

/** What a log-in left: the access token, and what renews it. */
export type Credentials = {
	accessToken: string;
	refreshToken?: string;
	/** When the access token ends, ms since the epoch; unknown for one that was given to us. */
	expiresAt?: number;
};

/** Where credentials are kept between requests: a file, or only this process. */
export type CredentialStore = {
	read: () => Credentials | undefined;
	write: (credentials: Credentials) => void;
	clear: () => void;
	/** What to call the place in a message. */
	place: string;
};

/** A service account, which gets itself a new token whenever it needs one. */
export type Machine = {clientId: string; secret: string};

type Pair = {access_token: string; refresh_token?: string; expires_in: number};
/** How the server gives a new token. */
type Renew = {
	refresh: (refreshToken: string) => Promise<Pair>;
	grant: (machine: Machine) => Promise<Pair>;
};

export type Session = {
	/** A token that should be good for a while yet. @throws {Failure} signed_out */
	accessToken: (renew: Renew) => Promise<string>;
	/** A token other than `refused`, which the server no longer takes. @throws {Failure} signed_out */
	renewed: (refused: string, renew: Renew) => Promise<string>;
	begin: (pair: Pair) => void;
	end: () => void;
	exists: () => boolean;
};

/** Renewed this long before its end, so that a slow request does not outlive its token. */
const margin = 30_000;

/**
 * Keeps one log-in alive. Renewal is single-flight within the process; between processes that
 * share a file each looks again before it gives up, because the other may have renewed first.
 */
export function createSession(
	store: CredentialStore,
	options: {machine?: Machine | undefined; now?: () => number} = {},
): Session {
	const {machine, now = Date.now} = options;
	let renewal: Promise<string> | undefined;

	const keep = (pair: Pair): string => {
		store.write({
			accessToken: pair.access_token,
			...(pair.refresh_token === undefined ? {} : {refreshToken: pair.refresh_token}),
			expiresAt: now() + pair.expires_in * 1000,
		});
		return pair.access_token;
	};

	const fresh = (credentials: Credentials) =>
		credentials.expiresAt === undefined || credentials.expiresAt - margin > now();

	async function renewOnce(refused: string | undefined, renew: Renew): Promise<string> {
		const held = store.read();
		if (held !== undefined && held.accessToken !== refused && fresh(held)) return held.accessToken;
		if (machine !== undefined) return keep(await renew.grant(machine));
		if (held?.refreshToken === undefined) throw sessionEnded(undefined);
		try {
			return keep(await renew.refresh(held.refreshToken));
		} catch (error) {
			if (!(error instanceof Failure) || error.kind !== 'refused') throw error;
			if (error.details.status !== 401 && error.details.status !== 400) throw error;
			const other = store.read();
			if (other !== undefined && other.refreshToken !== held.refreshToken) return other.accessToken;
			throw sessionEnded(error.details.sessionEnd);
		}
	}

	const single = (refused: string | undefined, renew: Renew): Promise<string> => {
		renewal ??= renewOnce(refused, renew).finally(() => {
			renewal = undefined;
		});
		return renewal;
	};

	return {
		async accessToken(renew) {
			const held = store.read();
			if (held !== undefined && fresh(held)) return held.accessToken;
			return single(undefined, renew);
		},
		renewed: single,
		begin: (pair) => {
			keep(pair);
		},
		end: () => store.clear(),
		exists: () => store.read() !== undefined,
	};
}

/** Credentials that live and die with this process. */
export function inMemory(initial?: Credentials): CredentialStore {
	let held = initial;
	return {
		read: () => held,
		write: (credentials) => {
			held = credentials;
		},
		clear: () => {
			held = undefined;
		},
		place: 'memory',
	};
}

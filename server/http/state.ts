import type {By} from '../../core/audit/actor.ts';
import type {Log} from '../../core/log.ts';

declare module 'koa' {
	// oxlint-disable-next-line typescript/consistent-type-definitions -- merged into Koa's own
	interface DefaultState {
		requestId: string;
		/** The log of this request: lines carry its id. */
		log: () => Log;
		clientAddress: string | undefined;
		authMethod?: 'api_key' | 'jwt';
		keyId?: string;
		userId?: string;
		serviceAccountId?: string;
		/** Who calls, once that is known. */
		by?: By;
		/** Of the key, or the one that the caller has a standing in and acts in. */
		organisationId?: string;
		/** Why a credential was refused; for the log only. */
		refusal?: string;
		errorCode?: string;
		/** Status of an answer that is not a problem, where it is not the route's. */
		status?: number;
	}
}

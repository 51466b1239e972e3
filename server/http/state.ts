import type {ErrorCode} from '../../contract/errors.ts';
import type {By} from '../../core/actor.ts';
import type {Log} from '../../core/log.ts';
import type {Problem, RespondProblem} from './problem.ts';

declare module 'koa' {
	// An interface, as it is merged into Koa's own.
	interface DefaultState {
		requestId: string;
		/** The log of this request: lines carry its id. */
		log: () => Log;
		clientAddress: string | undefined;
		/**
		 * Waits for the client without a place among the requests that are worked on.
		 *
		 * @returns what it came to, or that no place was left afterwards
		 */
		whileAway: <T>(wait: () => Promise<T>) => Promise<T | Problem>;
		authMethod?: 'api_key' | 'jwt' | 'client_secret';
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
		/** How refusals of the route are written, where it is not as the contract has them. */
		respondProblem?: RespondProblem;
		/** What a failure of ours is answered with, where it is not the sentence for all. */
		failure?: ErrorCode;
		/** Status of an answer that is not a problem, where it is not the route's. */
		status?: number;
	}
}

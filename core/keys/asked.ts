import type {ScopeQuery} from '../../contract/scope-query.ts';
import type {LimitsAsked} from '../limits/charges.ts';

/** What is asked of a key: how and by whom it is to be used, beside the moment. */
export type Asked = {
	/** Address of the client; undefined: not known. It is kept as the address of last use. */
	ip: string | undefined;
	/**
	 * The address that the networks of a key are held against. Undefined where nobody said it: it is in
	 * none of them then, whereas `ip` may be that of a proxy.
	 */
	origin: string | undefined;
	/** Who asks about somebody else's key: one of another organisation is unknown to them. */
	organisationId?: string | undefined;
	/** The scopes that the use needs, of a key that is restricted to scopes. */
	scopes?: ScopeQuery | undefined;
	/** The program that the use was made with, as it calls itself: not fit to be shown. */
	userAgent?: string | undefined;
	/** What the use was, in the words of the service that asks. */
	tags?: readonly string[] | undefined;
	/** By what the key was used, for people: an endpoint, or who asked about it. */
	via?: string | undefined;
	/** The method of the request that is asked about. */
	method?: string | undefined;
	/** What the use takes of the limits of the key; undefined: it is not held against them. */
	limits?: LimitsAsked | undefined;
};

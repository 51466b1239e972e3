import type * as z from 'zod';
import {errors} from '../../contract/errors.ts';
import {outcomeNames, outcomes, type CheckName} from '../../contract/outcomes.ts';
import type {
	explainKeyRequest,
	ExplainedCheck,
	FullVerification,
} from '../../contract/verification.ts';
import {withCounts} from '../text/count.ts';
import {moment, until} from '../text/time.ts';

/* What would become of a use of a key, in words. */

/** What is said of a use; an empty text says nothing. */
export type UseTexts = Readonly<Record<string, string>>;

/** What each is: `example` under the field, `help` as an option. */
export const useFields = {
	ip: {
		label: 'Address',
		value: 'ADDRESS',
		example: 'from where, such as 203.0.113.7',
		help: 'from where it is used, such as 203.0.113.7',
	},
	scopes: {
		label: 'Scopes',
		value: 'SCOPES',
		example: 'what for, such as orders.read AND eu',
		help: 'what it is used for, such as "orders.read AND eu"',
	},
	method: {
		label: 'Method',
		value: 'METHOD',
		example: 'such as GET; no check depends on it',
		help: 'of the request, such as GET; no check depends on it',
	},
} as const;

/** The same as a request has it. */
export function requestOfUse(texts: UseTexts): z.input<typeof explainKeyRequest> {
	return Object.fromEntries(
		Object.keys(useFields)
			.map((name) => [name, texts[name]?.trim() ?? ''] as const)
			.filter(([, text]) => text !== ''),
	);
}

/** What each step looks at. */
export const checkTitles: Readonly<Record<CheckName, string>> = {
	format: 'form of a key',
	known: 'known key',
	revoked: 'revocation',
	suspended: 'suspension',
	not_before: 'beginning',
	expiry: 'expiry',
	rotation: 'rotation',
	plan: 'plan',
	address: 'address',
	scopes: 'scopes',
	limits: 'rate limits',
	quota: 'quota',
};

/** `It would be refused: address (IP_DENIED).`, and what whoever uses the key is answered then. */
export function verdictOf(code: FullVerification['code']): {verdict: string; answered?: string} {
	const outcome = outcomeNames.find((name) => outcomes[name].code === code);
	if (outcome === undefined || outcome === 'valid') return {verdict: 'It would be accepted.'};
	const {label, error} = outcomes[outcome];
	const {status, message} = errors[error];
	return {
		verdict: `It would be refused: ${label} (${code}).`,
		answered: `${status}: ${message}.`,
	};
}

/** What is told of a step; instants and counts as all are shown. */
export function detailOf({check, detail}: ExplainedCheck, now: number): string {
	if (detail === null) return '';
	if (check === 'limits' || check === 'quota') return withCounts(detail);
	const isInstant = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(detail);
	return isInstant ? `${moment(detail)}, ${until(detail, now)}` : detail;
}

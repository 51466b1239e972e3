import {outcomes} from '../../contract/outcomes.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {Asked} from '../../core/keys/asked.ts';
import type {KeyFacts} from '../../core/keys/policy.ts';
import {
	presentFullVerification,
	type AboutVerification,
	type DecidedCheck,
} from './verification.ts';

/*
What is told of a key at each use of it, as JSON text: what `verification.ts` has as objects, member by
member (test/http/texts.test.ts). JSON.stringify took a twentieth of such an answer.
*/

/** `JSON.stringify` of `presentSelf`. */
export function writeSelf({
	keyId,
	name,
	organisationId,
	plan,
	createdAt,
	expiresAt,
}: KeyFacts): string {
	const own = `{"id":"${keyId}","name":${quoted(name)},"organization_id":"${organisationId}"`;
	return `${own},"plan":"${plan}","created_at":"${createdAt}","expires_at":${instant(expiresAt)}}`;
}

/** `JSON.stringify` of `presentProxiedKey`. */
export function writeProxiedKey({keyId, organisationId}: KeyFacts): string {
	return `{"auth_method":"api_key","key_id":"${keyId}","user_id":null,"organization_id":"${organisationId}"}`;
}

/** `JSON.stringify` of `presentAsAsked`. */
export function writeAsAsked(
	verdict: DecidedCheck,
	asked: Asked,
	about: AboutVerification | undefined,
): string {
	if (about !== undefined) return JSON.stringify(presentFullVerification(verdict, asked, about));
	const {outcome, facts} = verdict;
	const decided = `{"valid":${outcome === 'valid'},"code":"${outcomes[outcome].code}","key_id":`;
	if (facts === undefined) {
		return `${decided}null,"name":null,"organization_id":null,"expires_at":null}`;
	}
	const {keyId, name, organisationId, expiresAt} = facts;
	return `${decided}"${keyId}","name":${quoted(name)},"organization_id":"${organisationId}","expires_at":${instant(expiresAt)}}`;
}

/** What stands between quotes as it is. */
const plain = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
	return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}

function instant(at: Date | null): string {
	return at === null ? 'null' : `"${toTimestamp(at)}"`;
}

import {toTimestamp} from '../../contract/text.ts';
import type {KeySelf, Verification, VerificationCode} from '../../contract/verification.ts';
import type {KeyFacts} from '../../core/keys/policy.ts';
import type {Verdict} from '../../core/verification/verifier.ts';

const codes: Record<Verdict['outcome'], VerificationCode> = {
	malformed: 'MALFORMED',
	unknown: 'NOT_FOUND',
	revoked: 'REVOKED',
	expired: 'EXPIRED',
	plan_inactive: 'PLAN_INACTIVE',
	valid: 'VALID',
};

export function presentVerification({outcome, facts}: Verdict): Verification {
	return {
		valid: outcome === 'valid',
		code: codes[outcome],
		key_id: facts?.keyId ?? null,
		name: facts?.name ?? null,
		organization_id: facts?.organisationId ?? null,
		expires_at: facts?.expiresAt ? toTimestamp(facts.expiresAt) : null,
	};
}

export function presentSelf(facts: KeyFacts): KeySelf {
	return {
		id: facts.keyId,
		name: facts.name,
		organization_id: facts.organisationId,
		plan: facts.plan,
		created_at: facts.createdAt,
		expires_at: facts.expiresAt && toTimestamp(facts.expiresAt),
	};
}

/** `presentVerification` as JSON. Put together: only the name can hold what has to be escaped. */
export function verificationText({outcome, facts}: Verdict): string {
	return (
		`{"valid":${outcome === 'valid'},"code":"${codes[outcome]}","key_id":${quoted(facts?.keyId)},` +
		`"name":${facts === undefined ? 'null' : JSON.stringify(facts.name)},` +
		`"organization_id":${quoted(facts?.organisationId)},"expires_at":${expiry(facts)}}`
	);
}

/** `presentSelf` as JSON. */
export function selfText(facts: KeyFacts): string {
	return (
		`{"id":"${facts.keyId}","name":${JSON.stringify(facts.name)},` +
		`"organization_id":"${facts.organisationId}","plan":"${facts.plan}",` +
		`"created_at":"${facts.createdAt}","expires_at":${expiry(facts)}}`
	);
}

function expiry(facts: KeyFacts | undefined): string {
	return facts?.expiresAt ? `"${toTimestamp(facts.expiresAt)}"` : 'null';
}

function quoted(text: string | undefined): string {
	return text === undefined ? 'null' : `"${text}"`;
}

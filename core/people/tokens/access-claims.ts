import type {JWTPayload} from 'jose';
import {isSubject} from '../../token-form.ts';

/** Whom an access token is about: a person by a session, or a service account by a client secret. */
export type TokenSubject =
	| {kind: 'user'; userId: string; sessionId: string}
	| {kind: 'service_account'; accountId: string; secretId: string; organisationId: string};

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** The claims that say whom a token is about; `subject_type` keeps the two kinds apart. */
export function claimsOf(subject: TokenSubject): JWTPayload & {sub: string} {
	if (subject.kind === 'user') return {sub: subject.userId, sid: subject.sessionId};
	return {
		sub: subject.accountId,
		subject_type: subject.kind,
		client_id: subject.accountId,
		client_secret_id: subject.secretId,
		org: subject.organisationId,
	};
}

/** @returns undefined where the claims are those of neither kind, or of both */
export function subjectOf(claims: JWTPayload): TokenSubject | undefined {
	const {sub, sid, client_secret_id: secretId, org} = claims;
	if (claims['subject_type'] === undefined) {
		if (!isSubject(sub) || !isUuid(sid) || secretId !== undefined) return undefined;
		return {kind: 'user', userId: sub, sessionId: sid};
	}
	if (claims['subject_type'] !== 'service_account' || sid !== undefined) return undefined;
	if (!isUuid(sub) || claims['client_id'] !== sub || !isUuid(secretId) || !isUuid(org)) {
		return undefined;
	}
	return {kind: 'service_account', accountId: sub, secretId, organisationId: org};
}

function isUuid(value: unknown): value is string {
	return typeof value === 'string' && uuid.test(value);
}

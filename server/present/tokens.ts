import type {Tokens} from '../../contract/people.ts';
import type {Deps} from '../../core/deps.ts';
import {accessTokenSeconds} from '../../core/people/tokens/access-token.ts';

/** What a login answers: an access token is made for it. */
export async function presentTokens(
	deps: Deps,
	session: {userId: string; sessionId: string; refreshToken: string},
): Promise<Tokens> {
	return {
		access_token: await deps.accessTokens.issue({
			kind: 'user',
			userId: session.userId,
			sessionId: session.sessionId,
		}),
		token_type: 'Bearer',
		expires_in: accessTokenSeconds,
		refresh_token: session.refreshToken,
	};
}

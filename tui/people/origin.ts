import type {User} from '../../contract/users.ts';

/** How an account was made, in a word or two. */
export function originText({origin}: Pick<User, 'origin'>): string {
	switch (origin) {
		case 'setup':
			return 'setup';
		case 'operator':
			return 'operator';
		case 'invitation':
			return 'invitation';
		case 'identity_provider':
			return 'provider';
		case null:
			return 'unknown';
	}
}

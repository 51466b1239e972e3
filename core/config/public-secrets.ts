/**
 * Secrets of 32 bytes and more that stand in specifications, tutorials and tools, as published:
 * whoever forges tokens tries these first.
 */
const published = new Set([
	// RFC 7515, A.1 and RFC 7520, 3.5
	'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
	'hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FXG-Onbc6mxCcYg',
	// jwt.io
	'a-string-secret-at-least-256-bits-long',
	'a-valid-string-secret-that-is-at-least-384-bits-long',
	'a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long',
	// tutorials of Spring, .NET, Laravel, Supabase, PostgREST, Django
	'404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970',
	'3cfa76ef14937c1c0ea519f8fc057a80fcd04a7420f8e8bcd0a7567c272e007b',
	'413F4428472B4B6250655368566D5970337336763979244226452948404D6351',
	'this is my custom Secret key for authentication',
	'THIS IS USED TO SIGN AND VERIFY JWT TOKENS, REPLACE IT WITH YOUR OWN SECRET, IT CAN BE ANY STRING',
	'super-secret-jwt-token-with-at-least-32-characters-long',
	'your-super-secret-jwt-token-with-at-least-32-characters-long',
	'your-secret-key-must-be-at-least-32-characters-long',
	'reallyreallyreallyreallyverysafe',
	'your_super_secret_jwt_key_change_this_in_production',
	'your-super-secret-jwt-key-change-this-in-production',
	'change-this-to-a-long-random-string-in-production',
	'09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
	'9a4f2c8d3b7a1e6f45c8a0b3f267d8b1d4e6f3c8a9d2b5f8e3a9c8b5f6v8a3d9',
	'0123456789abcdef0123456789abcdef',
	'abcdefghijklmnopqrstuvwxyz123456',
	'abcdefghijklmnopqrstuvwxyz012345',
	'12345678901234567890123456789012',
	'01234567890123456789012345678901',
	'01234567890abcde01234567890abcde01234567890abcde01234567890abcde',
	// examples in code that is copied
	'e71829c351aa4242c2719cbfbe671c09',
	'fe1a1915a379f3be5394b64d14794932',
	'75a730b58f5691de5522789070c319bc',
	'9c3ed1aa0ba8405effdb363839caa3cc',
	'7c32d31dbdd39f2111da0b1dea59e94f3ed715fd8cdf0ca3ecf354ca1a2e3e30',
	'MVg0YAPVSPiYQc/qIs/rV/X32EFR0zOJWfHFgMbszMw=',
	'n2r5u8x/A%D*G-KaPdSgVkYp3s6v9y$B&E(H+MbQeThWmZq4t7w!z%C*F-J@NcRf',
	'gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr9C',
	'ECCJZNJWLPEA3YB6Y2LTQGQD3GJZ3F93',
	'IxrAjDoa2FqElO7IhrSrUJELhUckePEPVpaePlS_Xaw',
	'AGe-lJvQslHjNdqOa2_Wwy9JB3GE3d8GzMfC418I6jc',
	'LoxodontaElephasMammuthusPalaeoloxodonPrimelephas',
]);

/**
 * What placeholders say of themselves, as in `change-me-to-a-random-secret`. Of 6 letters and more:
 * of a million random secrets of 32 characters about one holds such a word.
 */
const placeholder =
	/secret|passwo|change|please|replace|example|sample|default|insert|random|charac|develop|produc|private|generat|encrypt|signing|jsonweb|supers|testing/;

/** Digits and signs that stand for letters. */
const letters: Readonly<Record<string, string>> = {
	'0': 'o',
	'1': 'i',
	'3': 'e',
	'4': 'a',
	'5': 's',
	'7': 't',
	'@': 'a',
	$: 's',
};

const leastBytes = 32;
/** Fewer different bytes are a repeated word, not a random secret. */
const leastDifferent = 10;

/** What is wrong with a secret that signs tokens, or undefined. */
export function weaknessOf(secret: Buffer): string | undefined {
	if (secret.length < leastBytes) {
		return `at least ${leastBytes} bytes are needed, there are ${secret.length}`;
	}
	const text = secret.toString();
	const isPublished = published.has(text.trim()) || published.has(secret.toString('base64url'));
	if (isPublished) return 'this secret is published; make one of your own';
	const plain = text.toLowerCase().replace(/[0134 57@$_.-]/g, (sign) => letters[sign] ?? '');
	if (placeholder.test(plain)) {
		return 'this secret reads like a placeholder, of which many are published; make a random one';
	}
	return new Set(secret).size < leastDifferent
		? 'this secret repeats itself; make a random one'
		: undefined;
}

import {createHash, createHmac, pbkdf2Sync, randomBytes} from 'node:crypto';

const iterations = 4096;

/**
 * What PostgreSQL keeps of a password (SCRAM-SHA-256, RFC 5802 and 7677), so that `create role` can
 * be given it and the password itself reaches no log of statements.
 */
export function passwordVerifier(password: string): string {
	const salt = randomBytes(16);
	// SASLprep of RFC 4013 is NFKC for all that it allows.
	const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, 32, 'sha256');
	const clientKey = createHmac('sha256', salted).update('Client Key').digest();
	const storedKey = createHash('sha256').update(clientKey).digest('base64');
	const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
	return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

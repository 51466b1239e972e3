import dns, {type LookupAddress} from 'node:dns';
import type {LookupFunction} from 'node:net';

/** A name that takes longer is known by its last answer, in milliseconds. */
const patienceMs = 200;

const lastAnswers = new Map<string, LookupAddress[]>();

/**
 * Finds the addresses of PostgreSQL's host as the system does (hosts file, search domains). The
 * threads that ask are few and shared with every other look-up of the process: where they are busy
 * with names that nobody answers for, or no name server is there, the last answer is used again.
 */
export const lookUp: LookupFunction = (hostname, options, callback) => {
	let isAnswered = false;
	const answer = (addresses: LookupAddress[]) => {
		isAnswered = true;
		clearTimeout(timer);
		const [first] = addresses;
		if (options.all) callback(null, addresses);
		else callback(null, first?.address ?? '', first?.family);
	};
	const last = lastAnswers.get(hostname);
	const timer =
		last === undefined ? undefined : setTimeout(() => isAnswered || answer(last), patienceMs);
	dns.lookup(hostname, {...options, all: true}, (error, addresses) => {
		if (error === null) lastAnswers.set(hostname, addresses);
		if (isAnswered) return;
		if (error === null) answer(addresses);
		else if (last !== undefined && error.code === 'EAI_AGAIN') answer(last);
		else {
			isAnswered = true;
			clearTimeout(timer);
			callback(error, '');
		}
	});
};

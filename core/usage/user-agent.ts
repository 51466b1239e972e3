import {createRecent} from '../../contract/recent.ts';
import {createScrubber} from '../log.ts';

/** Of what a client calls itself: more tells nobody anything. */
const mostCharacters = 200;
/** Of what is looked at: long enough that a credential at its end is still one. */
const mostRead = 600;
/** How many are remembered as they are kept. */
const mostRemembered = 1000;

/**
 * What a client calls itself, fit to be kept and shown: printable, and without a credential in it.
 *
 * @returns a function that gives the same text for the same name, at the cost of a look-up for one that
 *   was seen lately; '' for one that has none
 */
export function createAgentReader(keyPrefix: string): (name: string) => string {
	const scrub = createScrubber(keyPrefix);
	const read = createRecent(mostRemembered, (name) =>
		scrub(name.replace(/[^\x20-\x7E]/g, '?'))
			.trim()
			.slice(0, mostCharacters),
	);
	return (name) => read(name.length > mostRead ? name.slice(0, mostRead) : name);
}

import type {TextField} from '../../../components/text-field/state.ts';

export type RevealScreen = {
	readonly type: 'reveal';
	/** The only place in the program that holds a secret; gone when the screen is. */
	readonly secret: string;
	/** What it is, such as `key ingest-prod`, and what to do with it. */
	readonly what: string;
	readonly advice: string;
	readonly leaving: boolean;
	readonly text: TextField;
	readonly wrong: boolean;
};

/** How much of the end of the key must be typed to leave: proof that it was stored somewhere. */
export const proofLength = 4;

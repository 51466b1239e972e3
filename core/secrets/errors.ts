/** The secrets in hand do not fit this database, or would not last: nothing may go on with them. */
export class SecretsError extends Error {}

export type SealFault = 'unknown master key' | 'altered or moved';

const explanations: Record<SealFault, string> = {
	'unknown master key': 'it is sealed with a master key that is not in encryption_key',
	'altered or moved': 'it was altered, cut off or moved from another place',
};

/** A sealed value cannot be opened. Names its place, never what it holds. */
export class SealError extends SecretsError {
	readonly place: string;
	readonly fault: SealFault;

	constructor(place: string, fault: SealFault) {
		super(`${place} cannot be opened: ${explanations[fault]}`);
		this.name = 'SealError';
		this.place = place;
		this.fault = fault;
	}
}

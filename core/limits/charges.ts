import type {CompiledLimit, CompiledQuota, KeyLimits} from './definitions.ts';
import {mostAhead} from './gcra.ts';

/** What a use asks of the limits of its key. */
export type LimitsAsked = {
	/** All of them are told and not charged. */
	readonly isReading?: boolean;
	/** Those that the use is held against are told, and whether it fits; nothing is charged. */
	readonly isDryRun?: boolean;
	/** Limits that the caller keeps for the key. */
	readonly own?: readonly CompiledLimit[];
	/** Names of limits that are charged beside those of every use, with what is taken of them. */
	readonly named?: ReadonlyMap<string, number | undefined>;
	/** What is taken of each limit, where nothing is said of it by name; undefined: its own cost. */
	readonly cost?: number | undefined;
	/** What is taken of each quota; undefined: its own cost. */
	readonly quotaCost?: number | undefined;
};

/** As most uses are: of every limit that is for every use, what it says itself. */
export const plainUse: LimitsAsked = {};
export const readingUse: LimitsAsked = {isReading: true};

/** What a use takes of one limit or quota. */
export type Charge<Of> = {readonly of: Of; readonly cost: number};

/** What a use takes of all that limits its key. */
export type Charges = {
	readonly limits: readonly Charge<CompiledLimit>[];
	readonly quotas: readonly Charge<CompiledQuota>[];
	/** Nothing is charged. */
	readonly isReading: boolean;
	readonly isDryRun: boolean;
	/** What the script is told of them before the quotas (see script.ts): the same each time. */
	readonly scriptArguments: readonly string[];
};

const plainCharges = new WeakMap<KeyLimits, Charges | null>();
const readCharges = new WeakMap<KeyLimits, Charges | null>();

/** @returns null where there is nothing to charge: no limit of the key is for such a use */
export function chargesOf(limits: KeyLimits, asked: LimitsAsked): Charges | null {
	if (asked === plainUse) return kept(plainCharges, limits, asked);
	if (asked === readingUse) return kept(readCharges, limits, asked);
	return compute(limits, asked);
}

/** The same of each use of every key that carries the same. */
function kept(
	known: WeakMap<KeyLimits, Charges | null>,
	limits: KeyLimits,
	asked: LimitsAsked,
): Charges | null {
	let charges = known.get(limits);
	if (charges === undefined) known.set(limits, (charges = compute(limits, asked)));
	return charges;
}

function compute({limits, quotas}: KeyLimits, asked: LimitsAsked): Charges | null {
	const {isReading: isReadingAll = false, isDryRun = false, named, own, cost, quotaCost} = asked;
	const isReading = isReadingAll || isDryRun;
	const charged = limits
		.filter(({auto, shown}) => auto || isReadingAll || named?.has(shown))
		.map((limit) => ({
			of: limit,
			cost: named?.get(limit.shown) ?? cost ?? limit.cost,
		}));
	if (own !== undefined) charged.push(...own.map((limit) => ({of: limit, cost: limit.cost})));
	if (charged.length === 0 && quotas.length === 0) return null;
	return {
		limits: charged,
		quotas: quotas.map((quota) => ({of: quota, cost: quotaCost ?? quota.cost})),
		isReading,
		isDryRun,
		scriptArguments: [
			charged.length,
			quotas.length,
			isReading ? 1 : 0,
			...charged.flatMap(({of, cost: taken}) => [mostAhead(of), taken * of.interval]),
		].map(String),
	};
}

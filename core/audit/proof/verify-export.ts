import {beginningOf, ChainWalk, type Finding} from '../chain.ts';
import {isLastLine, parseEntryLine, parseFirstLine, parseHead} from './export-format.ts';
import {checkHead, type AuditKeys, type HeldHead} from './heads.ts';
import type {Verified} from './verify.ts';

/** Why an export cannot be judged, other than what is wrong with it. */
export class UnusableExport extends Error {}

export type ExportVerification = {
	lines: AsyncIterable<string>;
	keys: AuditKeys;
	/** Heads that were kept outside, to compare with. */
	kept?: readonly HeldHead[];
};

/**
 * Checks an export without any database, in constant memory: every entry against its hash and the
 * one before, and the signature of its end.
 *
 * @returns the first fault, or what was checked
 * @throws {UnusableExport} when it is not an export, or a kept head is not of an entry in it
 */
export async function verifyExport(options: ExportVerification): Promise<Finding | Verified> {
	const {lines, keys, kept = []} = options;
	let walk: ChainWalk | undefined;
	let first = 0;
	let end: HeldHead | undefined;
	let signedHeads = 0;
	for await (const line of lines) {
		if (walk === undefined) {
			walk = begin(line);
			const {chain, sequence, hash} = walk.head;
			first = sequence;
			if (first === 0 && !hash.equals(beginningOf(chain).hash)) {
				return {chain, sequence: 1, fault: 'it does not begin where the chain begins'};
			}
		} else if (end !== undefined) {
			const {chain, sequence} = end;
			return {chain, sequence: sequence + 1, fault: 'a line stands after the end'};
		} else if (isLastLine(line)) {
			end = parseHead(line);
			const fault = checkEnd(walk, end, keys);
			if (fault !== undefined) return fault;
			signedHeads++;
		} else {
			const fault = checkEntry(walk, line);
			if (fault !== undefined) return fault;
		}
		const {head} = walk;
		for (const each of kept) {
			if (each.chain !== head.chain || each.sequence !== head.sequence || end !== undefined)
				continue;
			const fault = checkHead(each, head.hash, keys);
			if (fault !== undefined) return fault;
			signedHeads++;
		}
	}
	if (walk === undefined) throw new UnusableExport('it is empty');
	const {chain, sequence} = walk.head;
	if (end === undefined) {
		const fault = `the file is cut off after entry ${sequence}: its last line is missing`;
		return {chain, sequence: sequence + 1, fault};
	}
	const outside = kept.find(
		(each) => each.chain !== chain || each.sequence < first || each.sequence > sequence,
	);
	if (outside !== undefined) {
		throw new UnusableExport(
			`it holds entries ${first + 1} to ${sequence} of ${chain}: it cannot tell of a head of ${outside.sequence} of ${outside.chain}`,
		);
	}
	return {head: walk.head, entries: sequence - first, signedHeads};
}

function begin(line: string): ChainWalk {
	const head = parseFirstLine(line);
	if (head === undefined) throw new UnusableExport('its first line is not that of an export');
	return new ChainWalk(head);
}

function checkEntry(walk: ChainWalk, line: string): Finding | undefined {
	const entry = parseEntryLine(line);
	if (entry !== undefined) return walk.next(entry);
	const {chain, sequence} = walk.head;
	return {chain, sequence: sequence + 1, fault: `the line after entry ${sequence} is not an entry`};
}

function checkEnd(
	{head}: ChainWalk,
	end: HeldHead | undefined,
	keys: AuditKeys,
): Finding | undefined {
	const {chain, sequence} = head;
	const at = (fault: string) => ({chain, sequence: sequence + 1, fault});
	if (end?.chain !== chain || end.sequence < sequence) return at('its last line is not its own');
	if (end.sequence > sequence) return at(`entries ${sequence + 1} to ${end.sequence} are missing`);
	if (end.signature === undefined) return at('its end is not signed');
	return checkHead(end, head.hash, keys);
}

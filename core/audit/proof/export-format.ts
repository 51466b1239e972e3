import {parseMicroTimestamp, toMicroTimestamp} from '../present.ts';
import type {Entry, Head} from '../chain.ts';
import type {HeldHead} from './heads.ts';

/**
 * An export is lines of JSON: what it begins after, the entries, and the end, signed. The members of
 * an entry's content stand in its line as they were hashed, byte for byte: `{` and what is between
 * `recorded_at` and `hash` and `}` are the content.
 */
export const exportVersion = 'latchkey-audit-v1';

export function firstLine({chain, sequence, hash}: Head): string {
	const line = {export: exportVersion, chain, after: sequence, previous_hash: hash.toString('hex')};
	return `${JSON.stringify(line)}\n`;
}

export function entryLine({sequence, recordedAt, content, hash}: Entry): string {
	const time = toMicroTimestamp(recordedAt);
	return `{"sequence":${sequence},"recorded_at":"${time}",${content.slice(1, -1)},"hash":"${hash.toString('hex')}"}\n`;
}

export function lastLine(head: HeldHead): string {
	return `${JSON.stringify({export: 'end', ...presentHead(head)})}\n`;
}

/** A head as it is logged and exported. */
export function presentHead({chain, sequence, hash, keyId, signature}: HeldHead) {
	return {
		chain,
		sequence,
		hash: hash.toString('hex'),
		key_id: keyId ?? null,
		signature: signature?.toString('hex') ?? null,
	};
}

/** @returns undefined for what is not the first line of an export of this version */
export function parseFirstLine(line: string): Head | undefined {
	const {export: version, chain, after, previous_hash: hash} = parseObject(line);
	if (version !== exportVersion || !isSequence(after) || !isHash(hash)) return undefined;
	return isChain(chain) ? {chain, sequence: after, hash: Buffer.from(hash, 'hex')} : undefined;
}

const entryStart = /^\{"sequence":(\d{1,15}),"recorded_at":"([^"]{1,40})",/;
const entryEnd = /,"hash":"([0-9a-f]{64})"\}$/;

export function parseEntryLine(line: string): Entry | undefined {
	const start = entryStart.exec(line);
	// Only the end is looked at: the line may be long.
	const end = entryEnd.exec(line.slice(-75));
	const recordedAt = parseMicroTimestamp(start?.[2] ?? '');
	if (start === null || end === null || recordedAt === undefined) return undefined;
	return {
		sequence: Number(start[1]),
		recordedAt,
		content: `{${line.slice(start[0].length, -75)}}`,
		hash: Buffer.from(end[1] ?? '', 'hex'),
	};
}

/** A head as it was logged or exported, with whatever else stands in the line. */
export function parseHead(line: string): HeldHead | undefined {
	const {chain, sequence, hash, key_id: keyId, signature} = parseObject(line);
	if (!isChain(chain) || !isSequence(sequence) || !isHash(hash)) return undefined;
	const head = {chain, sequence, hash: Buffer.from(hash, 'hex')};
	if (typeof signature !== 'string') return head;
	return {
		...head,
		keyId: typeof keyId === 'string' ? keyId : undefined,
		signature: Buffer.from(signature, 'hex'),
	};
}

export function isLastLine(line: string): boolean {
	return line.startsWith('{"export":"end"');
}

function parseObject(line: string): Record<string, unknown> {
	try {
		const value: unknown = JSON.parse(line);
		return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
	} catch {
		return {};
	}
}

export function isChain(value: unknown): value is string {
	return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
}

export function isSequence(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function isHash(value: unknown): value is string {
	return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

import {keyTerms, noneOf, type RequestedTerms, type TermName} from '../../contract/key-terms.ts';
import {mergePatch} from '../../contract/metadata.ts';
import type {ApiKeyRow} from '../db/tables.ts';
import {storedTerms} from './terms.ts';

/**
 * The columns that a request fills: terms that restrict are kept together, beside those that the key
 * has, links have a table of their own, and every other term has a column of its name; null takes one
 * away. What is not named stays as it is. Where a key is changed, metadata is merged into what it has.
 */
export function columnsOf(
	requested: RequestedTerms,
	before?: Pick<ApiKeyRow, 'terms' | 'metadata'>,
): Partial<ApiKeyRow> {
	const named = Object.keys(requested).filter(
		(name) => requested[name as TermName] !== undefined,
	) as TermName[];
	const restricting = named.filter((name) => keyTerms[name].kind === 'terms');
	const own = named
		.filter((name) => !['terms', 'links'].includes(keyTerms[name].kind))
		.map((name) => [name, requested[name] ?? noneOf(name)]);
	if (before !== undefined && requested.metadata) {
		own.push(['metadata', mergePatch(before.metadata, requested.metadata)]);
	}
	if (restricting.length === 0) return Object.fromEntries(own);
	const kept = Object.entries(before?.terms ?? {}).filter(
		([name]) => !restricting.includes(name as TermName),
	);
	const terms = {...Object.fromEntries(kept), ...storedTerms(requested)};
	return {...Object.fromEntries(own), terms};
}

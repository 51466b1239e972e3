import {
	keyFindings,
	type KeyToMend,
	type ProposedChange,
} from '../../../../contract/key-hygiene.ts';
import type {KeyDetail} from '../../../../contract/keys.ts';
import {type Term, terms} from '../../../api-keys/terms.ts';
import {factsOf} from '../../../components/facts.ts';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {ago, date, until} from '../../../text/time.ts';
import {hintText} from '../key/facts.ts';

const actions = {
	revoke: 'revoke it',
	suspend: 'suspend it',
	rotate: 'rotate it',
	update: 'change it',
} as const;

/** All that is found of a key, and what fixes each. */
export function foundLines({findings}: KeyToMend, width: number): Part[][] {
	const {lines, add} = factsOf(width);
	for (const {finding, detail, action} of findings) {
		lines.push([], [[keyFindings[finding].title, 'warning']]);
		add('Why', clean(detail));
		add('Fix', `${actions[action.name]}${proposalText(action.body)}`, 'strong');
	}
	return lines;
}

/** `: scopes orders.read, invoices.read`; nothing where nothing is proposed. */
function proposalText(body: ProposedChange | null): string {
	const proposed = Object.keys(body ?? {}).map((name) => {
		const {label, write}: Term = terms[name as keyof ProposedChange];
		return `${label.toLowerCase()} ${clean(write(body as KeyDetail))}`;
	});
	return proposed.length === 0 ? '' : `: ${proposed.join('; ')}`;
}

/** Which key it is, and what is found of it. */
export function keyToMendFacts(key: KeyToMend, now: number, width: number): Part[][] {
	const {lines, add} = factsOf(width);
	const {name, hint, id, owner, status, created_at, last_used_at, expires_at} = key;
	add('Name', clean(name), 'strong');
	add('Status', status);
	if (owner !== null) add('Owner', clean(`${owner.type}/${owner.id}`));
	add('Last used', ago(last_used_at, now));
	add('Expires', until(expires_at, now));
	add('Created', date(created_at));
	add('Id', id);
	add('Hint', hintText(hint));
	return [...lines, ...foundLines(key, width)];
}

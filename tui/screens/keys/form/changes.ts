import {isDeepStrictEqual} from 'node:util';
import type * as z from 'zod';
import {type KeyDetail, updateKeyRequest} from '../../../../contract/keys.ts';
import {type Term, terms} from '../../../api-keys/terms.ts';
import {problemsOf} from '../../kinds/form/problems.ts';
import {textsOf} from './fields.ts';

type Texts = Readonly<Record<string, string>>;

/** What a form would change of a key: of a term whose text is gone, the key carries none. */
export function changesOf(texts: Texts, key: KeyDetail, now: number) {
	const before = textsOf(key);
	const body: Record<string, unknown> = {};
	const problems: Record<string, string> = {};
	const notes: Record<string, string> = {};
	if (texts['name'] !== before['name']) body['name'] = texts['name'];
	for (const [name, term] of Object.entries<Term>(terms)) {
		const text = texts[name]?.trim() ?? '';
		const is = before[name] ?? '';
		const reading = text === '' ? undefined : term.read(text, now);
		// What stays may be what nobody could ask for now, such as an end that is past.
		notes[name] = term.takes;
		if (reading !== undefined && 'means' in reading) notes[name] = reading.means;
		else if (text !== '' && text === is) notes[name] = term.show(key, now) ?? term.takes;
		if (text === is) continue;
		if (reading === undefined) body[name] = null;
		else if ('problem' in reading) problems[name] = reading.problem;
		else if (!isDeepStrictEqual(reading.value, (key as Record<string, unknown>)[name])) {
			body[name] = term.change?.(key, reading.value) ?? reading.value;
		}
	}
	return {
		body: body as z.input<typeof updateKeyRequest>,
		problems: {...problemsOf(updateKeyRequest.safeParse(body)), ...problems},
		notes,
	};
}

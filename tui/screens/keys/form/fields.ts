import type {KeyDetail} from '../../../../contract/keys.ts';
import {keyParts} from '../../../api-keys/parts.ts';
import {type Term, terms} from '../../../api-keys/terms.ts';
import type {Form, FormPart} from '../../../components/form/shape.ts';
import {type FieldSpec, formOf} from '../../../components/form/state.ts';
import {fieldOf} from '../../../components/text-field/state.ts';

type FirstPart = FormPart & {readonly name: string; readonly fields: readonly FieldSpec[]};

/** What a key carries, as the texts of its fields. */
export function textsOf(key: KeyDetail): Record<string, string> {
	const written = Object.entries<Term>(terms).map(([name, term]) => [name, term.write(key)]);
	return {name: key.name, ...Object.fromEntries(written)};
}

/**
 * The fields of a key in their parts: of a new one, or with what `key` carries.
 *
 * @param first a part that comes before them
 */
export function keyForm(key?: KeyDetail, first?: FirstPart): Form {
	const texts = key === undefined ? {} : textsOf(key);
	const field = (spec: FieldSpec): FieldSpec => {
		const initial = texts[spec.name];
		const value = fieldOf(initial ?? spec.options?.[0] ?? '');
		return initial === undefined ? {...spec, value} : {...spec, value, initial};
	};
	const {name: part = '', fields: more = [], ...about} = first ?? {};
	return formOf(
		[
			...more.map((spec) => ({...spec, part})),
			field({name: 'name', label: 'Name', part: 'basics'}),
			...Object.entries<Term>(terms).map(([name, {label, part, options}]) =>
				field({name, label, part, ...(options === undefined ? {} : {options})}),
			),
		],
		{...(first === undefined ? {} : {[part]: about as FormPart}), ...keyParts},
	);
}

/** The texts that ask for something: a choice that was left alone does not. */
export function askedFor(texts: Readonly<Record<string, string>>): Record<string, string> {
	const asked = Object.entries(texts).filter(
		([name, text]) => text !== (terms as Readonly<Record<string, Term>>)[name]?.options?.[0],
	);
	return Object.fromEntries(asked);
}

import type {Form, FormPart} from './shape.ts';

/* The parts of a long form: all of them are named, one is open. */

type Parts = Readonly<Record<string, FormPart>>;

/** The part that is typed in. */
export function openPart({fields, focus}: Form): string | undefined {
	return fields[focus]?.part;
}

/** The field to go to in the next part, or the one before; at either end, the last field or the first. */
export function acrossParts(form: Form, by: 1 | -1): number {
	const names = Object.keys(form.parts ?? {});
	const at = names.indexOf(openPart(form) ?? '');
	const wanted = names
		.slice(Math.max(0, by === 1 ? at + 1 : 0), by === 1 ? undefined : Math.max(0, at))
		.filter((name) => form.fields.some(({part}) => part === name));
	const next = by === 1 ? wanted[0] : wanted.at(-1);
	if (next === undefined) return by === 1 ? form.fields.length - 1 : 0;
	return form.fields.findIndex(({part}) => part === next);
}

/** Fields in the order of their parts. */
export function inOrder<F extends {readonly part?: string}>(
	fields: readonly F[],
	parts: Parts,
): readonly F[] {
	const names = Object.keys(parts);
	const place = ({part}: F) => names.indexOf(part ?? '');
	return fields.toSorted((a, b) => place(a) - place(b));
}

export type PartSummary = {
	readonly texts: readonly string[];
	readonly isChanged: boolean;
	readonly isWrong: boolean;
};

/** What is filled in of a part, `expires 90d`, and how it stands. */
export function summaryOf({fields}: Form, name: string): PartSummary {
	const own = fields.filter(({part}) => part === name);
	const isFilled = ({text, options}: (typeof own)[number]) =>
		text.value.trim() !== '' && text.value !== options?.[0];
	return {
		texts: own
			.filter(isFilled)
			.map(({label, text}) => `${label.toLowerCase()} ${text.value.trim()}`),
		isChanged: own.some(({initial, text}) => initial !== undefined && initial !== text.value),
		isWrong: own.some(({problem}) => problem !== undefined),
	};
}

/* Text that stands for a value, as a field of a form or an option of a command takes it. */

/** A value with what it means in words, or why the text has none: a sentence without its subject. */
export type Reading<Value> =
	| {readonly value: Value; readonly means: string}
	| {readonly problem: string};

/** One kind of such text. */
export type Typed<Value> = {
	/** What it is, beside its field. */
	readonly label: string;
	/** What it takes, under an empty field. */
	readonly takes: string;
	/** `now` is ms. */
	readonly read: (text: string, now: number) => Reading<Value>;
};

type Members<Fields> = {
	[Name in keyof Fields]?: Fields[Name] extends Typed<infer Value> ? Value : never;
};

/**
 * What the texts of some fields stand for, by their names, what is wrong with them, and what is said
 * under each. An empty field stands for nothing.
 */
export function readFields<Fields extends Readonly<Record<string, Typed<unknown>>>>(
	fields: Fields,
	texts: Readonly<Record<string, string>>,
	now: number,
) {
	const members: Record<string, unknown> = {};
	const problems: Record<string, string> = {};
	const notes: Record<string, string> = {};
	for (const [name, {read, takes}] of Object.entries(fields)) {
		notes[name] = takes;
		const text = texts[name]?.trim() ?? '';
		if (text === '') continue;
		const reading = read(text, now);
		if ('problem' in reading) problems[name] = reading.problem;
		else {
			members[name] = reading.value;
			notes[name] = reading.means;
		}
	}
	return {members: members as Members<Fields>, problems, notes};
}

import type {TextField} from '../text-field/state.ts';

export type FormPart = {
	readonly title: string;
	/** What holds while nothing of it is filled in. */
	readonly without: string;
};

export type FormField = {
	readonly name: string;
	readonly label: string;
	readonly secret?: boolean;
	/** What it takes, where that is one of a few: keys choose among them. */
	readonly options?: readonly string[];
	readonly text: TextField;
	/** The part of the form that it is in, where the form has parts. */
	readonly part?: string;
	/** What was there when the form was opened to change something. */
	readonly initial?: string;
	/** What became known of it meanwhile; it stays under the field. */
	readonly news?: string;
	/** Shown under the field once there is something to judge. */
	readonly problem?: string;
};

/** A few text fields, sent together. */
export type Form = {
	readonly fields: readonly FormField[];
	/** Of a long form, by their names: the one that is typed in is open. */
	readonly parts?: Readonly<Record<string, FormPart>>;
	readonly focus: number;
	/** Sent, and waiting for the answer: keys do nothing. */
	readonly busy: boolean;
	/** What the server, or the form as a whole, has against it. */
	readonly problem?: string;
};

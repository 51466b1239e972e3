import {clean} from '../text/clean.ts';
import {answerDone} from './answer.ts';
import type {LocalContext, Options} from './command.ts';

/** Of commands that make something that has a name. */
export const ifNotExistsOption = {
	'if-not-exists': {
		type: 'boolean',
		unasked: true,
		help: 'if one of this name exists, make none and exit with 0',
	},
} as const satisfies Options;

/**
 * What has the name already, where the command line asks for that; it looks before it makes, so two that
 * run at once may still make two.
 */
export async function existing<Item>(
	{flags}: Pick<LocalContext, 'flags'>,
	lists: AsyncIterable<{body: readonly Item[]}>,
	isIt: (item: Item) => boolean,
): Promise<Item | undefined> {
	if (flags['if-not-exists'] !== true) return undefined;
	for await (const {body} of lists) {
		const found = body.find(isIt);
		if (found !== undefined) return found;
	}
	return undefined;
}

/** Answers that there is one. Its id is not printed where a new one would print its secret. */
export function answerExisting(
	context: LocalContext,
	item: {readonly id: string},
	name: string,
	secret?: string,
): number {
	const {flags, output} = context;
	const isSecret = secret !== undefined && flags['out'] === undefined;
	const shown = secret === undefined ? '' : ` ${secret} was shown when it was made.`;
	const status = answerDone(context, item, `${clean(name)} already exists (${item.id}).${shown}`);
	if (flags['json'] !== true && !isSecret) output.lines([item.id]);
	return status;
}

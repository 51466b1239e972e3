import {asFailure, exitCodes, Failure} from '../failure.ts';
import {newFile} from './answer.ts';
import type {LocalContext} from './command.ts';
import {textFlag} from './flags.ts';
import {checkOutput, handOver} from './hand-over.ts';
import {report} from './output.ts';
import {Interrupted} from '../terminal/terminal.ts';

type Made = {
	document: Readonly<Record<string, unknown>>;
	/** The member of the document that is the secret. */
	secret: string;
	id: string;
	/** What it is, in a sentence that goes before the secret itself. */
	said: string;
	/** Takes it back where it reached nobody; answers what then is so, such as `it was revoked`. */
	undo?: () => Promise<string>;
	/** How to get another, or to take it back by hand. */
	otherwise: string;
};

/**
 * Makes something that has a secret. Where it goes is opened, and looked at, before it is made; a
 * secret that reached nobody all the same is taken back, and told by its id.
 *
 * @throws {Failure} usage, where `--out` names a file that cannot be made; unexpected `secret_lost`
 * @throws {Interrupted} once it is taken back
 */
export async function makingSecret(
	context: LocalContext,
	make: () => Promise<Made>,
): Promise<number> {
	const {flags, output, terminal} = context;
	const file = newFile(textFlag(flags, 'out'));
	if (file === undefined) checkOutput(terminal);
	else file.reserve();
	const asJson = flags['json'] === true;
	const {made, isInterrupted} = await finishing(make).catch((error: unknown) => {
		file?.discard();
		throw unanswered(error);
	});
	if (isInterrupted) {
		file?.discard();
		report(await lost(made, new Failure('unexpected', 'it was interrupted')), terminal, asJson);
		throw new Interrupted();
	}
	const {document, secret, id, said} = made;
	const {[secret]: value, ...shown} = document;
	try {
		if (file !== undefined) file.keep(`${String(value)}\n`);
		else if (asJson) await handOver(terminal, `${JSON.stringify(document, undefined, '\t')}\n`);
		else {
			output.say(said);
			await handOver(terminal, `${String(value)}\n`);
		}
	} catch (error) {
		file?.discard();
		throw await lost(made, asFailure(error));
	}
	if (file !== undefined && asJson) output.json(shown);
	else if (file !== undefined) output.lines([id]);
	return exitCodes.done;
}

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Waits for the answer also where the program is told to end: the second time it ends at once. */
async function finishing(make: () => Promise<Made>) {
	const told = new AbortController();
	const interrupt = () => told.abort();
	for (const signal of endings) process.once(signal, interrupt);
	try {
		const made = await make();
		return {made, isInterrupted: told.signal.aborted};
	} finally {
		for (const signal of endings) process.off(signal, interrupt);
	}
}

/** Where the answer was lost on its way, nobody knows whether there is a secret now. */
function unanswered(error: unknown): unknown {
	if (!(error instanceof Failure) || error.kind !== 'unreachable') return error;
	const hint =
		'If it was made after all, nobody has its secret: find it and revoke it, or make another.';
	const {details} = error;
	return new Failure(error.kind, error.message, {...details, hint: details.hint ?? hint});
}

async function lost({id, undo, otherwise}: Made, {details, message}: Failure): Promise<Failure> {
	const why = details.reason ?? message;
	const told = (text: string, hint?: string) =>
		new Failure('unexpected', `The secret of ${id} reached nobody (${why})${text}`, {
			code: 'secret_lost',
			id,
			hint,
		});
	if (undo === undefined) return told('', otherwise);
	try {
		return told(`, so ${await undo()}`);
	} catch (error) {
		return told(`, and could not be taken back: ${asFailure(error).message}`, otherwise);
	}
}

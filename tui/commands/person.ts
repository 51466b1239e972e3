import {Failure} from '../failure.ts';
import {clean} from '../text/clean.ts';

/**
 * The id of somebody who is named by it or by their email, which is looked for in a list.
 *
 * @throws {Failure} refused 404, where nobody there has that email.
 */
export async function personIn<Person extends {email: string}>(
	wanted: string,
	list: AsyncIterable<{body: readonly Person[]}>,
	id: (person: Person) => string,
): Promise<string> {
	if (!wanted.includes('@')) return wanted;
	const email = wanted.toLowerCase();
	for await (const {body} of list) {
		const found = body.find((person) => person.email.toLowerCase() === email);
		if (found !== undefined) return id(found);
	}
	throw new Failure('refused', `Nobody there has the email ${clean(wanted)}`, {
		status: 404,
		code: 'user_not_found',
	});
}

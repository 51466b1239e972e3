import {isRoleName, roleNameForm} from '../../contract/key-role-names.ts';
import {plural} from '../text/plural.ts';
import type {Reading, Typed} from '../text/typed.ts';

const such = 'names of key roles such as billing, support';

/** Names of roles with commas or spaces between. */
export const roles: Typed<string[]> = {label: 'Roles', takes: such, read};

function read(text: string): Reading<string[]> {
	const value = [...new Set(text.split(/[\s,]+/u).filter((each) => each !== ''))];
	if (value.length === 0) return {problem: `takes ${such}`};
	const wrong = value.find((name) => !isRoleName(name));
	if (wrong !== undefined) return {problem: `${wrong} ${roleNameForm}`};
	return {value, means: `${plural(value.length, ['role', 'roles'])}: ${value.join(', ')}`};
}

/** Whom a change of a role reaches. */
export function goBy(keys: number): string {
	if (keys === 0) return 'no key has it';
	return `${plural(keys, ['key has', 'keys have'])} it`;
}

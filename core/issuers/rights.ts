import {roles, type Role} from '../../contract/people.ts';

/** Name of a claim, or the way to it through objects: `['realm_access', 'roles']`. */
export type ClaimPath = string | readonly string[];

export type Claims = Readonly<Record<string, unknown>>;

/** From claims to rights; see docs/identity-providers.md. */
export type ClaimMaps = {
	subject: ClaimPath;
	email: ClaimPath;
	organization?: OrganisationMap | undefined;
	role?: RoleMap | undefined;
	operator?: {claim: ClaimPath; values: readonly string[]} | undefined;
};

/** Without a role of its own, an organisation is entered in the role that `role` gives. */
export type OrganisationEntry = {id: string; role?: Role | undefined};

type OrganisationMap =
	| {claim: ClaimPath; map: Readonly<Record<string, OrganisationEntry>>}
	| OrganisationEntry;

type RoleMap = {
	claim?: ClaimPath | undefined;
	map?: Readonly<Record<string, Role>> | undefined;
	default?: Role | undefined;
};

/** What a provider says of a person's rights; it holds for one request, or for one session. */
export type ClaimedRights = {
	/** Absent: what the account here says. */
	isOperator?: boolean;
	/** Role by organisation, the first of the map first. Absent: the memberships here. */
	roles?: Readonly<Record<string, Role>>;
};

/** @returns undefined where no map is given: then rights come from here */
export function rightsOf(maps: ClaimMaps, claims: Claims): ClaimedRights | undefined {
	const {organization, operator} = maps;
	if (organization === undefined && operator === undefined) return undefined;
	const rights: ClaimedRights = {};
	if (operator !== undefined) {
		const values = textsOf(claims, operator.claim);
		rights.isOperator = operator.values.some((value) => values.has(value));
	}
	if (organization !== undefined) {
		const role = roleOf(maps.role, claims);
		rights.roles = Object.fromEntries(rolesByOrganisation(entriesOf(organization, claims), role));
	}
	return rights;
}

/** The value of a claim. */
export function claimAt(claims: Claims, path: ClaimPath): unknown {
	let value: unknown = claims;
	for (const member of typeof path === 'string' ? [path] : path) {
		if (typeof value !== 'object' || value === null || !Object.hasOwn(value, member))
			return undefined;
		value = (value as Claims)[member];
	}
	return value;
}

/** A claim of texts: one, or a list; what is not a text is passed over. */
function textsOf(claims: Claims, path: ClaimPath): ReadonlySet<string> {
	const value = claimAt(claims, path);
	const values: unknown[] = Array.isArray(value) ? value : [value];
	return new Set(values.filter((each) => typeof each === 'string'));
}

function entriesOf(organisation: OrganisationMap, claims: Claims): OrganisationEntry[] {
	if (!('claim' in organisation)) return [organisation];
	const values = textsOf(claims, organisation.claim);
	return Object.entries(organisation.map)
		.filter(([value]) => values.has(value))
		.map(([, entry]) => entry);
}

function roleOf(map: RoleMap | undefined, claims: Claims): Role | undefined {
	if (map?.claim === undefined) return map?.default;
	const values = textsOf(claims, map.claim);
	const found = Object.entries(map.map ?? {})
		.filter(([value]) => values.has(value))
		.map(([, role]) => role);
	return highest(found) ?? map.default;
}

function rolesByOrganisation(entries: readonly OrganisationEntry[], role: Role | undefined) {
	const found = new Map<string, Role>();
	for (const entry of entries) {
		const best = highest([found.get(entry.id), entry.role ?? role]);
		if (best !== undefined) found.set(entry.id, best);
	}
	return found;
}

/** `roles` begins with the one that may do most. */
function highest(found: readonly (Role | undefined)[]): Role | undefined {
	return roles.find((role) => found.includes(role));
}

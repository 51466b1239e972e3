/**
 * S-80: what each endpoint answers to each actor, written out: under each of them everybody stands
 * once. All ask about the organisation that they belong to, but those that say otherwise; `operator`
 * is member of none. To be read with DESIGN.md, 2 and 7, before a line is changed: what is no
 * credential is always 401, a good key of an organisation off the Team plan 403 plan_required, one of
 * other addresses 403 ip_denied, one whose scopes do not cover what is needed 403 insufficient_scope,
 * an organisation that one does not belong to 404.
 */
export const expected: Readonly<Record<string, string>> = {
	setupState: `
		200: nobody, malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	setup: `
		404 setup_complete: nobody, malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	login: `
		200: nobody, malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	refresh: `
		200: nobody, malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	logout: `
		200: verifier, viewer, developer, admin, owner, owner of another organisation, operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation`,
	me: `
		200: verifier, viewer, developer, admin, owner, operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		404 organization_not_found: owner of another organisation`,
	listOrganisations: `
		200: verifier, viewer, developer, admin, owner, owner of another organisation, operator, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan`,
	createOrganisation: `
		201: operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 operator_required: verifier, viewer, developer, admin, owner, owner of another organisation
		403 plan_required: key off the Team plan
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation`,
	getOrganisation: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	getReliance: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	updateOrganisation: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	listKeys: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	getKey: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	getKeyLimits: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	changeKeyQuota: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	getKeyPolicy: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	updateKeyPolicy: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	getAppliancePolicy: `
		200: operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 operator_required: verifier, viewer, developer, admin, owner, owner of another organisation, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		403 plan_required: key off the Team plan`,
	updateAppliancePolicy: `
		200: operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 operator_required: verifier, viewer, developer, admin, owner, owner of another organisation, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		403 plan_required: key off the Team plan`,
	getKeyHygiene: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	getKeyPolicyImpact: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	tryKeyPolicy: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	getAppliancePolicyImpact: `
		200: operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 operator_required: verifier, viewer, developer, admin, owner, owner of another organisation, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		403 plan_required: key off the Team plan`,
	tryAppliancePolicy: `
		200: operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 operator_required: verifier, viewer, developer, admin, owner, owner of another organisation, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		403 plan_required: key off the Team plan`,
	keyUsage: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	exportKeyUsage: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	listKeyClients: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	organisationUsage: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	exportOrganisationUsage: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	createKey: `
		201: developer, admin, owner, operator, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, machine verifier, machine viewer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	updateKey: `
		200: developer, admin, owner, operator, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, machine verifier, machine viewer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	suspendKey: `
		200: developer, admin, owner, operator, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, machine verifier, machine viewer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	resumeKey: `
		200: developer, admin, owner, operator, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, machine verifier, machine viewer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	rotateKey: `
		201: developer, admin, owner, operator, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, machine verifier, machine viewer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	finishRotation: `
		200: developer, admin, owner, operator, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, machine verifier, machine viewer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	cancelRotation: `
		200: developer, admin, owner, operator, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, machine verifier, machine viewer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	revokeKey: `
		200: developer, admin, owner, operator, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, machine verifier, machine viewer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	listKeyRoles: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	listLimitedKeys: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	getKeyRole: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	createKeyRole: `
		201: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	updateKeyRole: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	deleteKeyRole: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	listSharedLimits: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	getOrganisationLimits: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	setOrganisationLimits: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	deleteOrganisationLimits: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	getOwnerLimits: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	setOwnerLimits: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	deleteOwnerLimits: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	verifyKey: `
		200: live key, key with the scopes, key with the scopes by a role, key of another organisation, verifier, developer, admin, owner, operator, machine verifier, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 insufficient_scope: key without scopes, key with scopes of another separator, key with every scope of services, key with those by a role
		403 ip_denied: key of other addresses
		403 plan_required: key off the Team plan
		403 role_required: viewer, machine viewer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	unkeyVerifyKey: `
		200: live key, key with the scopes, key with the scopes by a role, key of another organisation, verifier, developer, admin, owner, operator, machine verifier, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 insufficient_scope: key without scopes, key with scopes of another separator, key with every scope of services, key with those by a role
		403 ip_denied: key of other addresses
		403 plan_required: key off the Team plan
		403 role_required: viewer, machine viewer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	verifyKeys: `
		200: live key, key with the scopes, key with the scopes by a role, key of another organisation, verifier, developer, admin, owner, operator, machine verifier, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 insufficient_scope: key without scopes, key with scopes of another separator, key with every scope of services, key with those by a role
		403 ip_denied: key of other addresses
		403 plan_required: key off the Team plan
		403 role_required: viewer, machine viewer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	explainKey: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	keySelf: `
		200: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 api_key_required: verifier, viewer, developer, admin, owner, owner of another organisation, operator, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		403 ip_denied: key of other addresses
		403 plan_required: key off the Team plan`,
	revokeSelf: `
		200: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 api_key_required: verifier, viewer, developer, admin, owner, owner of another organisation, operator, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		403 ip_denied: key of other addresses
		403 plan_required: key off the Team plan`,
	forwardAuth: `
		200: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	listSources: `
		200: live key, key with the scopes, key with the scopes by a role, key of another organisation, viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 insufficient_scope: key without scopes, key with scopes of another separator, key with every scope of services, key with those by a role
		403 ip_denied: key of other addresses
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	createSource: `
		201: live key, key with the scopes, key with the scopes by a role, key of another organisation, developer, admin, owner, operator, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 insufficient_scope: key without scopes, key with scopes of another separator, key with every scope of services, key with those by a role
		403 ip_denied: key of other addresses
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, machine verifier, machine viewer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	getSource: `
		200: live key, key with the scopes, key with the scopes by a role, viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 insufficient_scope: key without scopes, key with scopes of another separator, key with every scope of services, key with those by a role
		403 ip_denied: key of other addresses
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation
		404 source_not_found: key of another organisation`,
	updateSource: `
		200: live key, key with the scopes, key with the scopes by a role, developer, admin, owner, operator, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 insufficient_scope: key without scopes, key with scopes of another separator, key with every scope of services, key with those by a role
		403 ip_denied: key of other addresses
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, machine verifier, machine viewer
		404 organization_not_found: owner of another organisation, machine of another organisation
		404 source_not_found: key of another organisation`,
	deleteSource: `
		200: live key, key with the scopes, key with the scopes by a role, developer, admin, owner, operator, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 insufficient_scope: key without scopes, key with scopes of another separator, key with every scope of services, key with those by a role
		403 ip_denied: key of other addresses
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, machine verifier, machine viewer
		404 organization_not_found: owner of another organisation, machine of another organisation
		404 source_not_found: key of another organisation`,
	listEventTypes: `
		200: verifier, viewer, developer, admin, owner, owner of another organisation, operator, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan`,
	listWebhooks: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	createWebhook: `
		201: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	getWebhook: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	updateWebhook: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	deleteWebhook: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	rotateWebhookSecret: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	revokeWebhookSecrets: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	jwks: `
		200: nobody, malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	auditKeys: `
		200: nobody, malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	listServiceAccounts: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	createServiceAccount: `
		201: admin, owner, operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		404 organization_not_found: owner of another organisation`,
	getServiceAccount: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	updateServiceAccount: `
		200: admin, owner, operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		404 organization_not_found: owner of another organisation`,
	deleteServiceAccount: `
		200: admin, owner, operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		404 organization_not_found: owner of another organisation`,
	listClientSecrets: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	createClientSecret: `
		201: admin, owner, operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		404 organization_not_found: owner of another organisation`,
	revokeClientSecret: `
		200: admin, owner, operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		404 organization_not_found: owner of another organisation`,
	token: `
		200: nobody
		400 invalid_request: malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	introspect: `
		200: live key, key with the scopes, key with the scopes by a role, key of another organisation, verifier, developer, admin, owner, operator, machine verifier, machine developer, machine admin
		401 invalid_client: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 insufficient_scope: key without scopes, key with scopes of another separator, key with every scope of services, key with those by a role
		403 ip_denied: key of other addresses
		403 plan_required: key off the Team plan
		403 role_required: viewer, machine viewer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	revokeToken: `
		200: nobody, developer, admin, owner, operator, machine developer, machine admin
		401 invalid_client: malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 plan_required: key off the Team plan
		403 role_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, machine verifier, machine viewer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	authorizationServer: `
		200: nobody, malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	openApi: `
		200: nobody, malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	docs: `
		200: nobody, malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	live: `
		200: nobody, malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	ready: `
		200: nobody, malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	metrics: `
		200: nobody, malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	changePassword: `
		200: verifier, viewer, developer, admin, owner, owner of another organisation, operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation`,
	resetPassword: `
		200: nobody, malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	listSessions: `
		200: verifier, viewer, developer, admin, owner, owner of another organisation, operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation`,
	endSession: `
		200: viewer
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		404 session_not_found: verifier, developer, admin, owner, owner of another organisation, operator`,
	endSessions: `
		200: verifier, viewer, developer, admin, owner, owner of another organisation, operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation`,
	listUsers: `
		200: operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 operator_required: verifier, viewer, developer, admin, owner, owner of another organisation
		403 plan_required: key off the Team plan
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation`,
	createUser: `
		201: operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 operator_required: verifier, viewer, developer, admin, owner, owner of another organisation
		403 plan_required: key off the Team plan
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation`,
	getUser: `
		200: operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 operator_required: verifier, viewer, developer, admin, owner, owner of another organisation
		403 plan_required: key off the Team plan
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation`,
	updateUser: `
		200: operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 operator_required: verifier, viewer, developer, admin, owner, owner of another organisation
		403 plan_required: key off the Team plan
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation`,
	issuePasswordReset: `
		201: operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 operator_required: verifier, viewer, developer, admin, owner, owner of another organisation
		403 plan_required: key off the Team plan
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation`,
	listUserSessions: `
		200: operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 operator_required: verifier, viewer, developer, admin, owner, owner of another organisation
		403 plan_required: key off the Team plan
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation`,
	endUserSession: `
		200: operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 operator_required: verifier, viewer, developer, admin, owner, owner of another organisation
		403 plan_required: key off the Team plan
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation`,
	endUserSessions: `
		200: operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 operator_required: verifier, viewer, developer, admin, owner, owner of another organisation
		403 plan_required: key off the Team plan
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation`,
	identityProviders: `
		200: nobody, malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	startDeviceLogin: `
		404 provider_not_found: nobody, malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	deviceToken: `
		400 expired_token: nobody, malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	listMembers: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	updateMember: `
		200: admin, owner, operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		404 organization_not_found: owner of another organisation`,
	removeMember: `
		200: admin, owner, operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		404 organization_not_found: owner of another organisation`,
	listInvitations: `
		200: admin, owner, operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		404 organization_not_found: owner of another organisation`,
	createInvitation: `
		201: admin, owner, operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		404 organization_not_found: owner of another organisation`,
	withdrawInvitation: `
		200: admin, owner, operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer
		403 user_required: machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		404 organization_not_found: owner of another organisation`,
	acceptInvitation: `
		200: nobody, malformed credential, live key, revoked key, suspended key, expired key, key off the Team plan, key of other addresses, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation, verifier, viewer, developer, admin, owner, owner of another organisation, operator, disabled user, ended session, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation, disabled machine, machine with a revoked secret`,
	testWebhook: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	listDeliveries: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	exportDeliveries: `
		200: viewer, developer, admin, owner, operator, machine viewer, machine developer, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, machine verifier
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	getDelivery: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	replayDelivery: `
		201: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	replayDeliveries: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	listDecisions: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	listAudit: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	exportAudit: `
		200: admin, owner, operator, machine admin
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 plan_required: key off the Team plan
		403 role_required: verifier, viewer, developer, machine verifier, machine viewer, machine developer
		404 organization_not_found: owner of another organisation, machine of another organisation`,
	listApplianceAudit: `
		200: operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 operator_required: verifier, viewer, developer, admin, owner, owner of another organisation, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		403 plan_required: key off the Team plan`,
	exportApplianceAudit: `
		200: operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 operator_required: verifier, viewer, developer, admin, owner, owner of another organisation, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		403 plan_required: key off the Team plan`,
	system: `
		200: operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 operator_required: verifier, viewer, developer, admin, owner, owner of another organisation, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		403 plan_required: key off the Team plan`,
	systemChecks: `
		200: operator
		401 unauthorized: nobody, malformed credential, revoked key, suspended key, expired key, disabled user, ended session, disabled machine, machine with a revoked secret
		403 ip_denied: key of other addresses
		403 jwt_required: live key, key without scopes, key with the scopes, key with the scopes by a role, key with scopes of another separator, key with every scope of services, key with those by a role, key of another organisation
		403 operator_required: verifier, viewer, developer, admin, owner, owner of another organisation, machine verifier, machine viewer, machine developer, machine admin, machine of another organisation
		403 plan_required: key off the Team plan`,
};

import type {AuditEntryRow, AuditHeadRow, AuditSignedHeadRow} from './audit-tables.ts';
import type {Knex} from 'knex';
import type {Plan} from '../../contract/organisations.ts';
import type {DeliveryStatus, DisabledReason, EndpointStatus} from '../../contract/webhooks.ts';
import type {EventType} from '../../contract/events.ts';
import type {RevocationReason} from '../../contract/keys.ts';
import type {StoredTerms} from '../../contract/key-terms.ts';
import type {Metadata} from '../../contract/metadata.ts';
import type {Role} from '../../contract/people.ts';
import type {UserOrigin} from '../../contract/users.ts';
import type {ServiceAccountRole} from '../../contract/service-accounts.ts';
import type {ClaimedRights} from '../issuers/rights.ts';
import type {KeyPolicyRow, KeyRoleMemberRow, KeyRoleRow, SharedLimitsRow} from './key-tables.ts';

export type OrganisationRow = {id: string; name: string; plan: Plan; created_at: Date};

export type UserRow = {
	id: string;
	email: string;
	/** Null until a one-time code is used to set it. */
	password_hash: string | null;
	is_operator: boolean;
	disabled_at: Date | null;
	failed_logins: number;
	login_blocked_until: Date | null;
	created_at: Date;
	/** Null: made before it was kept. */
	origin: UserOrigin | null;
	/** Since when it is more than an inviter's word whose account it is. */
	confirmed_at: Date | null;
};

export type MembershipRow = {
	organisation_id: string;
	user_id: string;
	role: Role;
	created_at: Date;
};

export type SessionRow = {
	id: string;
	user_id: string;
	organisation_id: string | null;
	created_at: Date;
	expires_at: Date;
	ended_at: Date | null;
	ended_reason: string | null;
	last_used_at: Date;
	address: string | null;
	user_agent: string | null;
	rights: ClaimedRights | null;
};

export type IdentityRow = {issuer: string; subject: string; user_id: string; created_at: Date};

export type DeviceLoginRow = {
	id: string;
	code_hash: Buffer;
	provider: string;
	device_code: Buffer;
	master_key_id: Buffer;
	nonce: string;
	interval_seconds: number;
	next_poll_at: Date;
	created_at: Date;
	expires_at: Date;
};

export type IdempotencyKeyRow = {
	id: string;
	organisation_id: string;
	lookup: Buffer;
	answer: Buffer | null;
	master_key_id: Buffer | null;
	created_at: Date;
};

export type RefreshTokenRow = {
	hash: Buffer;
	session_id: string;
	created_at: Date;
	expires_at: Date;
	used_at: Date | null;
};

export type InvitationRow = {
	id: string;
	organisation_id: string;
	email: string;
	role: Role;
	hash: Buffer;
	created_by: string;
	created_at: Date;
	expires_at: Date;
};

export type PasswordResetRow = {
	user_id: string;
	hash: Buffer;
	created_at: Date;
	expires_at: Date;
};

export type ApiKeyRow = {
	id: string;
	organisation_id: string;
	name: string;
	hash: Buffer;
	hash_algorithm: number;
	hint: string;
	created_at: Date;
	created_by: string | null;
	expires_at: Date | null;
	last_used_at: Date | null;
	last_used_ip: string | null;
	/** Of the last use of which it is known from where it was, or by which program. */
	last_used_address_at: Date | null;
	last_used_agent: string | null;
	first_used_at: Date | null;
	revoked_at: Date | null;
	revoked_by: string | null;
	created_by_service_account: string | null;
	revoked_by_service_account: string | null;
	expiry_announced_at: Date | null;
	expiry_warned_days: number | null;
	terms: StoredTerms;
	suspended_at: Date | null;
	suspended_reason: string | null;
	changed_at: Date | null;
	version: number;
	not_before: Date | null;
	revocation_reason: RevocationReason | null;
	revocation_note: string | null;
	lineage_id: string | null;
	replaces_id: string | null;
	replaced_by_id: string | null;
	grace_until: Date | null;
	finish_when_unused_seconds: number | null;
	rotation_ended_at: Date | null;
	rotation_warned_at: Date | null;
	/** That it was due to be replaced after so many days was told. */
	rotation_told_days: number | null;
	description: string | null;
	owner: {type: string; id: string} | null;
	tags: string[];
	metadata: Metadata;
	delete_protected: boolean;
	created_by_service_account_id: string | null;
	revoked_by_service_account_id: string | null;
	/** Kept by triggers. */
	scope_sources: string[];
};

export type ServiceAccountRow = {
	id: string;
	organisation_id: string;
	name: string;
	role: ServiceAccountRole;
	disabled_at: Date | null;
	created_at: Date;
};

export type ClientSecretRow = {
	id: string;
	service_account_id: string;
	hash: Buffer;
	hint: string;
	created_at: Date;
	expires_at: Date | null;
	last_used_at: Date | null;
	token_recorded_at: Date | null;
};

export type SourceRow = {
	id: string;
	organisation_id: string;
	name: string;
	type: string;
	created_at: Date;
	updated_at: Date;
};

type MasterKeyRow = {id: Buffer; created_at: Date};

type InstanceSecretRow = {name: string; value: Buffer; master_key_id: Buffer; created_at: Date};

export type WebhookEndpointRow = {
	id: string;
	organisation_id: string;
	url: string;
	description: string | null;
	event_types: EventType[] | null;
	api_version: string;
	status: EndpointStatus;
	disabled_at: Date | null;
	disabled_reason: DisabledReason | null;
	created_at: Date;
	created_by: string | null;
	updated_at: Date;
	last_success_at: Date | null;
	consecutive_failures: number;
	first_failure_at: Date | null;
	open_until: Date | null;
	recovering_until: Date | null;
	released_until: Date | null;
	custom_headers: Buffer | null;
	custom_header_names: string[];
	master_key_id: Buffer | null;
};

export type WebhookSecretRow = {
	id: string;
	endpoint_id: string;
	sealed: Buffer;
	master_key_id: Buffer;
	created_at: Date;
	expires_at: Date | null;
};

export type WebhookDeliveryRow = {
	id: string;
	organisation_id: string;
	endpoint_id: string;
	event_id: string;
	api_version: string;
	event_type: EventType;
	replay: number;
	status: DeliveryStatus;
	attempt: number;
	next_at: Date;
	queued_at: Date | null;
	lease_until: Date | null;
	created_at: Date;
	finished_at: Date | null;
	last_status: number | null;
	last_error: string | null;
};

export type EventRow = {
	id: string;
	api_version: string;
	organisation_id: string;
	sequence: string;
	type: EventType;
	payload: string;
	created_at: Date;
};

type InstanceSettingRow = {name: string; value: string; updated_at: Date};

/** Row, what an insert must give, what an update may change. */
type Table<Row, Required extends keyof Row, Fixed extends keyof Row> = Knex.CompositeTableType<
	Row,
	Pick<Row, Required> & Partial<Row>,
	{[Column in keyof Omit<Row, Fixed>]?: Row[Column] | Knex.Raw}
>;

/** What a key signs: access tokens of users, or heads of the audit trail. */
export type SigningPurpose = 'access_token' | 'audit';

/** An Ed25519 public key as a JWK (RFC 8037). */
export type PublicKey = {kty: 'OKP'; crv: 'Ed25519'; x: string};

export type SigningKeyRow = {
	kid: string;
	purpose: SigningPurpose;
	public_jwk: PublicKey;
	private_key: Buffer | null;
	master_key_id: Buffer | null;
	created_at: Date;
	activated_at: Date;
	retired_at: Date | null;
};

declare module 'knex/types/tables.js' {
	// An interface, as it is merged into Knex's own.
	interface Tables {
		instance_settings: Table<InstanceSettingRow, 'name' | 'value', 'name'>;
		master_keys: Table<MasterKeyRow, 'id', keyof MasterKeyRow>;
		signing_keys: Table<
			SigningKeyRow,
			'kid' | 'purpose' | 'public_jwk' | 'private_key',
			'kid' | 'purpose' | 'public_jwk' | 'created_at'
		>;
		instance_secrets: Table<InstanceSecretRow, 'name' | 'value', 'name' | 'created_at'>;
		organisations: Table<OrganisationRow, 'name', 'id' | 'created_at'>;
		users: Table<UserRow, 'email', 'id' | 'created_at' | 'origin'>;
		memberships: Table<
			MembershipRow,
			'organisation_id' | 'user_id' | 'role',
			'organisation_id' | 'user_id' | 'created_at'
		>;
		sessions: Table<SessionRow, 'user_id' | 'expires_at', 'id' | 'user_id' | 'created_at'>;
		identities: Table<IdentityRow, 'issuer' | 'subject' | 'user_id', keyof IdentityRow>;
		device_logins: Table<
			DeviceLoginRow,
			'id' | 'code_hash' | 'provider' | 'device_code' | 'nonce' | 'interval_seconds' | 'expires_at',
			'id' | 'code_hash' | 'provider' | 'nonce' | 'created_at' | 'expires_at' | 'master_key_id'
		>;
		idempotency_keys: Table<
			IdempotencyKeyRow,
			'id' | 'organisation_id' | 'lookup',
			'id' | 'organisation_id' | 'lookup' | 'master_key_id' | 'created_at'
		>;
		refresh_tokens: Table<
			RefreshTokenRow,
			'hash' | 'session_id' | 'expires_at',
			'hash' | 'session_id'
		>;
		invitations: Table<
			InvitationRow,
			'organisation_id' | 'email' | 'role' | 'hash' | 'created_by' | 'expires_at',
			keyof InvitationRow
		>;
		password_resets: Table<PasswordResetRow, 'user_id' | 'hash' | 'expires_at', 'user_id'>;
		api_keys: Table<
			ApiKeyRow,
			'organisation_id' | 'name' | 'hash' | 'hint',
			'id' | 'organisation_id' | 'hash' | 'created_at' | 'scope_sources'
		>;
		key_roles: Table<
			KeyRoleRow,
			'organisation_id' | 'name' | 'scopes',
			'id' | 'organisation_id' | 'created_at'
		>;
		key_role_members: Table<KeyRoleMemberRow, keyof KeyRoleMemberRow, keyof KeyRoleMemberRow>;
		key_policies: Table<KeyPolicyRow, 'organisation_id', 'organisation_id'>;
		shared_limits: Table<
			SharedLimitsRow,
			'organisation_id',
			'id' | 'organisation_id' | 'owner_type' | 'owner_id' | 'created_at'
		>;
		events: Table<
			EventRow,
			'id' | 'api_version' | 'organisation_id' | 'sequence' | 'type' | 'payload',
			keyof EventRow
		>;
		webhook_endpoints: Table<
			WebhookEndpointRow,
			'organisation_id' | 'url' | 'api_version',
			'id' | 'organisation_id' | 'api_version' | 'created_at' | 'master_key_id'
		>;
		webhook_secrets: Table<
			WebhookSecretRow,
			'id' | 'endpoint_id' | 'sealed',
			'id' | 'endpoint_id' | 'master_key_id' | 'created_at'
		>;
		webhook_deliveries: Table<
			WebhookDeliveryRow,
			'organisation_id' | 'endpoint_id' | 'event_id' | 'api_version' | 'event_type',
			'id' | 'organisation_id' | 'endpoint_id' | 'event_id' | 'api_version' | 'created_at'
		>;
		audit_heads: Table<AuditHeadRow, never, keyof AuditHeadRow>;
		audit_entries: Table<AuditEntryRow, 'chain' | 'content', keyof AuditEntryRow>;
		audit_signed_heads: Table<
			AuditSignedHeadRow,
			'chain' | 'sequence' | 'hash' | 'key_id' | 'signature',
			keyof AuditSignedHeadRow
		>;
		service_accounts: Table<
			ServiceAccountRow,
			'organisation_id' | 'name' | 'role',
			'id' | 'organisation_id' | 'created_at'
		>;
		client_secrets: Table<
			ClientSecretRow,
			'service_account_id' | 'hash' | 'hint',
			'id' | 'service_account_id' | 'hash' | 'created_at'
		>;
		sources: Table<
			SourceRow,
			'organisation_id' | 'name' | 'type',
			'id' | 'organisation_id' | 'created_at'
		>;
	}
}

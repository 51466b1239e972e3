import type {Knex} from 'knex';
import type {EventType} from '../../contract/events.ts';
import {createdEndpoint, endpoint, type Endpoint} from '../../contract/webhooks.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import type {WebhookDeliveryRow} from '../../core/db/tables.ts';
import {makeKey, makeOrganisation, type Appliance, type Server} from '../helpers/appliance.ts';

/** A server with organisations that have endpoints, and what PostgreSQL says of them. */
export type WebhookWorld = {
	server: Server;
	jwt: string;
	db: Knex;
	makeOrganisation: () => Promise<string>;
	makeEndpoint: (
		organisationId: string,
		url: string,
		types?: EventType[],
	) => Promise<Endpoint & {secret: string}>;
	/** Makes so many events. */
	makeKeys: (organisationId: string, count: number) => Promise<void>;
	showEndpoint: (organisationId: string, id: string) => Promise<Endpoint>;
	rotate: (organisationId: string, id: string, body: object) => Promise<string>;
	deliveriesOf: (endpointId: string) => Promise<WebhookDeliveryRow[]>;
	close: () => Promise<void>;
};

export async function createWebhookWorld(
	appliance: Appliance,
	env: Record<string, string>,
): Promise<WebhookWorld> {
	const server = await appliance.startServer(env);
	const jwt = await server.logIn();
	const db = connectDatabase(appliance.database, 'test');
	const pathOf = (organisationId: string, rest = '') =>
		`/api/v1/organizations/${organisationId}/webhooks${rest}`;
	return {
		server,
		jwt,
		db,
		makeOrganisation: async () => (await makeOrganisation(server, jwt, 'team')).id,
		async makeEndpoint(organisationId, url, types) {
			const body = {url, ...(types === undefined ? {} : {event_types: types})};
			const answer = await server.call(pathOf(organisationId), {bearer: jwt, body});
			if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
			return createdEndpoint.parse(answer.json());
		},
		async makeKeys(organisationId, count) {
			for (let i = 0; i < count; i++) await makeKey(server, jwt, organisationId);
		},
		async showEndpoint(organisationId, id) {
			const answer = await server.call(pathOf(organisationId, `/${id}`), {bearer: jwt});
			return endpoint.parse(answer.json());
		},
		async rotate(organisationId, id, body) {
			const path = pathOf(organisationId, `/${id}/rotate-secret`);
			return ((await server.call(path, {bearer: jwt, body})).json() as {secret: string}).secret;
		},
		deliveriesOf: (id) => db('webhook_deliveries').where({endpoint_id: id}).orderBy('created_at'),
		close: () => db.destroy(),
	};
}

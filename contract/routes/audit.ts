import * as z from 'zod';
import {auditEntry, auditExport, auditExportQuery, auditQuery} from '../audit-trail.ts';
import type {Routes} from '../route.ts';

export const auditRoutes = {
	listAudit: {
		method: 'GET',
		path: '/api/v1/organizations/:org_id/audit',
		credentials: 'jwt',
		permission: 'audit:read',
		query: auditQuery,
		status: 200,
		response: z.array(auditEntry),
		summary:
			'The audit trail of an organisation, newest first, 100 entries unless `limit` says more',
	},
	exportAudit: {
		method: 'GET',
		path: '/api/v1/organizations/:org_id/audit/export',
		credentials: 'jwt',
		permission: 'audit:read',
		query: auditExportQuery,
		headers: ['Content-Disposition'],
		status: 200,
		media: 'application/x-ndjson',
		response: auditExport,
		summary: 'The audit trail of an organisation, oldest first, whole, to be verified elsewhere',
	},
	listApplianceAudit: {
		method: 'GET',
		path: '/api/v1/audit',
		credentials: 'jwt',
		permission: 'audit:appliance',
		query: auditQuery,
		status: 200,
		response: z.array(auditEntry),
		summary: 'The audit trail of the appliance itself: people, sessions, keys of its own',
	},
	exportApplianceAudit: {
		method: 'GET',
		path: '/api/v1/audit/export',
		credentials: 'jwt',
		permission: 'audit:appliance',
		query: auditExportQuery,
		headers: ['Content-Disposition'],
		status: 200,
		media: 'application/x-ndjson',
		response: auditExport,
		summary:
			'The audit trail of the appliance itself, oldest first, whole, to be verified elsewhere',
	},
} as const satisfies Routes;

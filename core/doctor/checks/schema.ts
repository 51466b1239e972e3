import {version} from '../../version.ts';
import type {HealthCheck, Seen} from '../check.ts';
import {counted, enumerated} from '../words.ts';

export const schemaChecks: readonly HealthCheck[] = [
	{
		id: 'schema.migrations',
		title: 'The schema is the one of this version',
		needs: ['postgresql'],
		follows: 'Programs of this version wait for it when they start.',
		remedy: 'Run `latchkey migrate` (`docker compose up migrate`).',
		async look({facts}) {
			const {missing, newer} = await facts.schema();
			const seen: Seen[] = [];
			if (missing.length > 0) {
				seen.push({
					level: 'failure',
					what: `${counted(missing.length, 'migration')} of this version ${missing.length === 1 ? 'is' : 'are'} missing: ${enumerated(missing, 3)}.`,
				});
			}
			if (newer.length > 0) {
				seen.push({
					level: 'warning',
					what: `The schema is newer than this version (${version}): ${enumerated(newer, 3)}.`,
					follows: 'Everything works; what only the newer version knows is not used.',
					remedy: 'Finish the upgrade, or go back with a backup from before it: docs/upgrades.md.',
				});
			}
			return seen;
		},
	},
	{
		id: 'schema.terms',
		title: 'Everything that decides about keys knows what keys carry',
		needs: ['schema'],
		follows: 'Key checks work as usual. What only the newer version knows cannot be given to keys.',
		remedy: 'Finish the upgrade: stop the servers named here, or start the newer version there.',
		async look({facts, termsVersion}) {
			const [{leastTermsVersion: least, termsKnownSince}, verifiers] = await Promise.all([
				facts.appliance(),
				facts.verifiers(),
			]);
			if (least !== null && least > termsVersion) {
				return [
					{
						level: 'failure',
						what: `Keys carry terms that version ${version} does not know.`,
						follows:
							'A server of this version refuses to start: it would accept what is to be refused.',
						remedy: `Use Latchkey ${termsKnownSince ?? 'of a newer version'} or newer: docs/upgrades.md.`,
					},
				];
			}
			const live = verifiers.filter(({holds_lease: holds}) => holds);
			const newest = Math.max(...live.map((verifier) => verifier.terms_version), termsVersion);
			const older = live.filter((verifier) => verifier.terms_version < newest);
			if (older.length === 0) return [];
			const names = enumerated(older.map(({name}) => name));
			return [{level: 'warning', what: `An older version still runs: ${names}.`}];
		},
	},
];

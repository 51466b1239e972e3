import {Counter, type Registry} from 'prom-client';
import {outcomeNames} from '../../contract/outcomes.ts';
import type {Verifier} from '../../core/verification/verifier.ts';

/** Measures what checks of keys come to. */
export function measureChecks(registry: Registry, {checks}: Pick<Verifier, 'checks'>): void {
	new Counter({
		name: 'latchkey_key_checks_total',
		help: 'Checks of API keys by what they came to, whichever way they were asked for; dry runs do not count.',
		labelNames: ['outcome'],
		registers: [registry],
		collect() {
			this.reset();
			for (const outcome of outcomeNames) this.inc({outcome}, checks[outcome]);
		},
	});
}

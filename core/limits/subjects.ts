import type {KeyFacts} from '../keys/policy.ts';
import type {SharedSubject} from './definitions.ts';

/** Under which name the uses of a key are counted, by whom they are counted with (core/redis/names.ts). */
export function limitSubject(
	shared: SharedSubject | undefined,
	{lineageId}: Pick<KeyFacts, 'lineageId'>,
): string {
	return shared === undefined ? `k:${lineageId}` : `${shared.kind}:${shared.id}`;
}

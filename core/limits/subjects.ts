import type {KeyFacts} from '../keys/policy.ts';
import type {CompiledLimit, SharedSubject} from './definitions.ts';

/** Under which name the uses of a key are counted, by whom they are counted with (core/redis/names.ts). */
export function limitSubject(
	{shared, isAsked}: {shared: SharedSubject | undefined} & Pick<CompiledLimit, 'isAsked'>,
	{lineageId}: Pick<KeyFacts, 'lineageId'>,
): string {
	if (isAsked) return `a:${lineageId}`;
	return shared === undefined ? `k:${lineageId}` : `${shared.kind}:${shared.id}`;
}

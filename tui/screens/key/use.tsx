import type {UsageBucket} from '../../../contract/keys.ts';
import type {KeyUse} from '../../app/model.ts';
import {Line, type Part} from '../../components/line.tsx';
import {sparkline} from '../../text/sparkline.ts';
import {useTheme} from '../../theme.ts';

/** How often a key was checked, by hour and by day. */
export function UseLines({use, columns}: {use: KeyUse; columns: number}) {
	const {glyphs} = useTheme();
	const line = (label: string, buckets: readonly UsageBucket[]): Part[] => [
		[` ${label.padEnd(12)}`, 'dim'],
		[sparkline(buckets.map(total), glyphs.bars), 'key'],
		[`  ${summary(buckets)}`],
	];
	return (
		<>
			<Line parts={line('24 hours', use.hours)} columns={columns} />
			<Line parts={line('30 days', use.days)} columns={columns} />
		</>
	);
}

function total({valid, revoked, expired, plan_inactive}: UsageBucket): number {
	return valid + revoked + expired + plan_inactive;
}

/** `18,204 accepted, 12 refused: 12 revoked`; the zeros are left out. */
function summary(buckets: readonly UsageBucket[]): string {
	const sum = (name: 'valid' | 'revoked' | 'expired' | 'plan_inactive') =>
		buckets.reduce((before, bucket) => before + bucket[name], 0);
	const refusals = [
		[sum('revoked'), 'revoked'],
		[sum('expired'), 'expired'],
		[sum('plan_inactive'), 'plan without keys'],
	] as const;
	const refused = refusals
		.filter(([count]) => count > 0)
		.map(([count, why]) => `${count.toLocaleString('en')} refused (${why})`);
	return [`${sum('valid').toLocaleString('en')} accepted`, ...refused].join(', ');
}

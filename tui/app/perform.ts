import {asFailure} from '../failure.ts';
import type {Effect} from './effect.ts';
import {changing} from './performing/changing.ts';
import type {EffectContext, Emit, Performer, Performers} from './performing/performer.ts';
import {reading} from './performing/reading.ts';
import {session} from './performing/session.ts';

/** How each effect is performed. */
const performers: Performers<Effect['do']> = {
	...session,
	...reading,
	...changing,
	copy: ({text}, {copy}) => copy(text),
	keepTheme: ({theme}, {keepTheme}) => keepTheme(theme),
	repaint: (_effect, {repaint}) => repaint(),
	suspend: (_effect, {suspend}) => suspend(),
	quit: ({status}, {quit}) => quit(status),
};

/** Does what `update` asked for and reports each outcome as an event; never throws. */
export async function perform(effect: Effect, context: EffectContext, emit: Emit): Promise<void> {
	// Each effect has its own performer; TypeScript cannot follow that by index.
	const performer = performers[effect.do] as Performer<Effect['do']>;
	try {
		await performer(effect, context, emit);
	} catch (error) {
		emit({type: 'failed', effect, failure: asFailure(error)});
	}
}

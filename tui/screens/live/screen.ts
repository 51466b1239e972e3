import type {KeyDecision} from '../../../contract/decisions.ts';
import type {Effect} from '../../app/effect.ts';
import type {Filter} from '../../components/filter.ts';
import type {Table} from '../../components/table/state.ts';
import type {Query} from '../../text/filter-grammar.ts';

/** A decision, or how many more there were; or for how long nobody looked. */
export type LiveRow = {readonly id: string} & (
	| {readonly decision: KeyDecision}
	| {readonly leftOut: number}
	| {readonly unseenMs: number}
);

/** A question of this screen. */
export type Asked = Extract<Effect, {do: 'readDecisions'}>;

/** What is decided about keys at this moment: what was told last is at the bottom. */
export type LiveScreen = {
	readonly type: 'live';
	/** The one key that it is about. */
	readonly key?: {readonly id: string; readonly name: string};
	/** Nothing moves, and nothing is asked. */
	readonly paused: boolean;
	readonly filter: Filter;
	/** Oldest first, so many at most. */
	readonly rows: readonly LiveRow[];
	/** How many rows there were so far: the next is called by it. */
	readonly count: number;
	readonly table: Table;
	/** The question whose answer is not here yet. */
	readonly asking?: Asked;
	/** When to ask next, in ms since the epoch. */
	readonly nextAt: number;
	/** What the last answer was, and when it came. */
	readonly last?: {
		readonly at: number;
		readonly after: string;
		/** What the server was asked to narrow it to. */
		readonly query: Query;
		/** Decisions a second; undefined: it was the first. */
		readonly rate?: number;
	};
	/** Why nothing new comes. */
	readonly problem?: string;
};

/**
 * The place that is marked after a step among `count`: it stops at either end. Past the last one
 * there is nothing: a key too many must not choose what is furthest from what one meant.
 */
export function stepped(at: number, by: number, count: number): number {
	return Math.max(0, Math.min(count - 1, at + by));
}

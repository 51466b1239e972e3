/**
 * What a program loads first, as NODE_OPTIONS, to believe that it is so much later; SIGUSR2 sets its
 * clock right. Only the time that can be set is moved, as by `date -s`.
 */
export function clockOff(ms: number): {NODE_OPTIONS: string} {
	const code = `const Real = Date;
		let ahead = ${ms};
		globalThis.Date = class Date extends Real {
			constructor(...given) { super(...(given.length === 0 ? [Real.now() + ahead] : given)); }
			static now() { return Real.now() + ahead; }
		};
		process.on('SIGUSR2', () => { ahead = 0; });`;
	return {NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`};
}

/** In one transaction: each holds the audit trail of an organisation. */
const batch = 100;
const mostBatches = 50;

/** Repeats a pass that does a few at a time, until fewer are left. @returns how many in all */
export async function inBatches(pass: (most: number) => Promise<number>): Promise<number> {
	let total = 0;
	for (let i = 0; i < mostBatches; i++) {
		const count = await pass(batch);
		total += count;
		if (count < batch) break;
	}
	return total;
}

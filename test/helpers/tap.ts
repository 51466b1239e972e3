export type TestOutcome = {title: string; passed: boolean; detail: string[]};

export type TapEvents = {
	/** Called for each test as soon as its line is complete; `detail` fills as more lines come. Skipped tests and todos are not outcomes. */
	onOutcome: (outcome: TestOutcome) => void;
	/** Called for each line that a test logged. */
	onLogged: (line: string) => void;
	/** Called for what is not TAP. */
	onOther: (line: string) => void;
	/** Called with the number of failures that the summary at the end tells; it counts tests, too, that never ended. */
	onSummary: (failures: number) => void;
};

/** Reads the TAP that ava writes, a line at a time. */
export function tapReader({
	onOutcome,
	onLogged,
	onOther,
	onSummary,
}: TapEvents): (line: string) => void {
	let current: TestOutcome | undefined;
	let inDetail = false;

	const readTest = (verdict: string, title: string) => {
		current = undefined;
		if (!/ # (?:SKIP|TODO)\b/.test(title)) {
			current = {title, passed: verdict === 'ok', detail: []};
			onOutcome(current);
		}
	};

	return (line) => {
		const test = /^(?<verdict>ok|not ok) \d+ - (?<title>.*)$/.exec(line)?.groups;
		const failures = /^# fail (?<count>\d+)$/.exec(line)?.groups;
		if (inDetail) {
			inDetail = line !== '  ...';
			current?.detail.push(...(inDetail ? [line] : []));
		} else if (line === '  ---') {
			inDetail = true;
		} else if (test) {
			readTest(test['verdict'] ?? '', test['title'] ?? '');
		} else if (failures) {
			onSummary(Number(failures['count']));
		} else if (/^ *# (?!tests |pass |skip |todo )/.test(line)) {
			// What a test logged.
			current?.detail.push(line);
			// The titles of hooks that end well stand there as well, less far to the right.
			const logged = /^ *# {3}(?<text>.*)$/.exec(line)?.groups?.['text'];
			if (logged !== undefined) onLogged(logged);
		} else if (!/^(?:# |TAP version |\d+\.\.\d+|$)/.test(line)) {
			onOther(line);
		}
	};
}

const longestLine = 120;

/** The first and the last lines of a test's detail, cut: what was wrong, and where. */
export function inShort(detail: readonly string[], {first = 6, last = 2} = {}): string[] {
	const lines = detail
		.filter((line) => line.trim() !== '')
		.map((line) => line.slice(0, longestLine));
	if (lines.length <= first + last) return lines;
	return [...lines.slice(0, first), '  …', ...lines.slice(-last)];
}

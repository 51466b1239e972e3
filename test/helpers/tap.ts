export type TestOutcome = {title: string; passed: boolean; detail: string[]};

/**
Reads the TAP that ava writes, a line at a time. Skipped tests and todos count as neither passed nor failed.

@param onOutcome called for each test as soon as its line is complete; `detail` fills as more lines come.
*/
export function tapReader(onOutcome: (outcome: TestOutcome) => void): (line: string) => void {
	let current: TestOutcome | undefined;
	let inDetail = false;

	return (line) => {
		if (inDetail) {
			if (line === '  ...') {
				inDetail = false;
			} else {
				current?.detail.push(line);
			}

			return;
		}

		if (line === '  ---') {
			inDetail = true;
			return;
		}

		const {verdict, title} = /^(?<verdict>ok|not ok) \d+ - (?<title>.*)$/.exec(line)?.groups ?? {};
		if (verdict === undefined || title === undefined) {
			// Diagnostics: what a test logged.
			if (line.startsWith('    # ') || line.startsWith('# ')) {
				current?.detail.push(line);
			}

			return;
		}

		current = undefined;
		if (!/ # (?:SKIP|TODO)\b/.test(title)) {
			current = {title, passed: verdict === 'ok', detail: []};
			onOutcome(current);
		}
	};
}

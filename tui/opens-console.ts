/** The options of the console, which open it where nothing else is said; help has what they mean. */
export const consoleOptions = {
	url: {type: 'string'},
	profile: {type: 'string'},
	ca: {type: 'string'},
	insecure: {type: 'boolean'},
	accessible: {type: 'boolean'},
} as const;

/** Whether a command line is for the console, and not for one of the commands. */
export function opensConsole(argv: readonly string[]): boolean {
	const asks = argv.some((word) => ['--help', '-h', '--version', '-v'].includes(word));
	return !asks && argv.every((word, at) => isOfConsole(word) || isValue(argv, at));
}

function isOfConsole(word: string): boolean {
	const [name = ''] = word.split('=', 1);
	return Object.keys(consoleOptions).some((option) => name === `--${option}`);
}

/** Whether a word belongs to the option before it. */
function isValue(argv: readonly string[], at: number): boolean {
	const before = argv[at - 1];
	return Object.entries(consoleOptions).some(
		([option, {type}]) => type === 'string' && before === `--${option}` && !isValue(argv, at - 1),
	);
}

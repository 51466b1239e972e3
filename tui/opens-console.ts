/** Whether a command line is for the console, and not for one of the commands. */
export function opensConsole(argv: readonly string[]): boolean {
	const [first] = argv;
	const isWord = first !== undefined && !first.startsWith('-');
	const asks = argv.some((word) => ['--help', '-h', '--version', '-v'].includes(word));
	return !isWord && !asks;
}

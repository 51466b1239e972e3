/** The signs that the console itself writes into sentences and cells, in ASCII. */
const spellings: Readonly<Record<string, string>> = {
	'…': '~',
	' …': ' ...',
	'·': '-',
	'›': '>',
	'─': '-',
	'—': '-',
	'–': '-',
	'×': 'x',
	'“': '"',
	'”': '"',
	'‘': "'",
	'’': "'",
	'←': '<-',
	'→': '->',
	'↑': 'up',
	'↓': 'down',
	'•': '*',
	'✓': '+',
};

const signs = / …|[…·›─—–×“”‘’←→↑↓•✓]/gu;

/** A text for terminals that have ASCII alone. Letters of names stay as they are. */
export function spelled(text: string): string {
	return text.replaceAll(signs, (sign) => spellings[sign] ?? sign);
}

import {type Command, commonOptions, type Option, type Options} from './command.ts';
import {optionHelp, verbsOf} from './help.ts';
import {type NamedThing, namedThings} from './names.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

type Offers = readonly (readonly [word: string, help: string])[];

/** What may come next, where these words stand before it. */
type Place = {
	/** Noun, verb, and the option whose value comes next: as far as they are there. */
	words: string;
	/** Words to choose from; a file; or a value that nobody but the person knows. */
	offers: Offers | 'file' | 'value' | NamedThing;
	/** Names that may stand there besides. */
	names?: NamedThing | undefined;
};

/** A script that completes words, options and the values there are, without starting `latchkey`. */
export function script(shell: Shell, commands: readonly Command[]): string {
	const nouns = [...new Set(commands.map(({path: [noun = '']}) => noun))];
	const places = [startOf(nouns, commands), ...nouns.flatMap((noun) => placesOf(noun, commands))];
	// After these, a second word is not a verb.
	const single = commands.flatMap(({path}) => (path.length === 1 ? path : []));
	return writers[shell](places, single);
}

function startOf(nouns: readonly string[], commands: readonly Command[]): Place {
	const offers = nouns.map((noun) => {
		const own = commands.filter(({path}) => path[0] === noun);
		const verbs = verbsOf(own).join(', ');
		return [noun, verbs === '' ? (own[0]?.summary ?? '') : verbs] as const;
	});
	const {url, profile, insecure, help} = commonOptions;
	return {words: '', offers: [...offers, ...offersOf({url, profile, insecure, help})]};
}

function placesOf(noun: string, commands: readonly Command[]): Place[] {
	const own = commands.filter(({path}) => path[0] === noun);
	const verbs = own.flatMap(({path: [, verb], summary}) =>
		verb === undefined ? [] : [[verb, summary] as const],
	);
	const help = offersOf({help: commonOptions.help});
	return [
		...(verbs.length > 0 ? [{words: noun, offers: [...verbs, ...help]}] : []),
		...own.flatMap(({path, arguments: values, options, assignments}) =>
			commandPlaces(
				path.join(' '),
				wordsOf(values, assignments),
				{...options, ...commonOptions},
				namesFor(path, values),
			),
		),
	];
}

/** What may stand as an argument, where that is one of a few words, or begins with one. */
function wordsOf(values = '', assignments: Options = {}): Offers {
	const literal = /^[a-z]+(?:\|[a-z]+)+$/.test(values) ? values.split('|') : [];
	return [
		...literal.map((word) => [word, ''] as const),
		...Object.entries(assignments).map(
			([name, option]) => [`${name}=`, optionHelp(option)] as const,
		),
	];
}

/** Of what the names are that stand as an argument. */
function namesFor([noun]: readonly string[], values = ''): NamedThing | undefined {
	if (noun === 'profiles' && values === 'NAME') return 'profiles';
	if (!/\bID\|(?:NAME|URL|EMAIL)/.test(values)) return undefined;
	return noun === 'use' ? 'orgs' : namedThings.find((thing) => thing === noun);
}

function commandPlaces(
	words: string,
	literal: Offers,
	options: Options,
	names: NamedThing | undefined,
): Place[] {
	return [
		{words, offers: [...literal, ...offersOf(options)], names},
		...Object.entries(options).flatMap(([name, option]): Place[] =>
			option.type === 'string'
				? [{words: `${words} --${name}`, offers: valuesOf(name, option)}]
				: [],
		),
	];
}

function offersOf(options: Options): (readonly [string, string])[] {
	return Object.entries(options).map(([name, option]) => [`--${name}`, optionHelp(option)]);
}

const namesOfOption: Readonly<Record<string, NamedThing>> = {
	org: 'orgs',
	profile: 'profiles',
	key: 'keys',
	webhook: 'webhooks',
};

function valuesOf(name: string, {choices, value}: Option): Place['offers'] {
	if (choices !== undefined) return choices.map((choice) => [choice, '']);
	if (value === 'FILE') return 'file';
	return namesOfOption[name] ?? 'value';
}

const writers: Record<Shell, (places: readonly Place[], single: readonly string[]) => string> = {
	bash: (places, single) => `# latchkey completion bash
_latchkey_offer() {
	case $1 in
${cases(places, (offers, names) => {
	if (typeof offers === 'string') return `kind=${offers}`;
	return `words=${quoted(offers.map(([word]) => word).join(' '))}${kindOf(names)}`;
})}
		*) return 1 ;;
	esac
}
_latchkey() {
	local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} place= words= kind=
	((COMP_CWORD > 1)) && place=\${COMP_WORDS[1]}
	case $place in
		${single.join(' | ')}) ;;
		*) ((COMP_CWORD > 2)) && place+=" \${COMP_WORDS[2]}" ;;
	esac
	_latchkey_offer "$place $before" || _latchkey_offer "$place"
	case $kind in
		file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
		*) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word") ;;
	esac
	case $kind in
		${namedThings.join(' | ')})
			local name
			while IFS= read -r name; do
				[[ $name == "$word"* ]] && COMPREPLY+=("$(printf %q "$name")")
			done < <([[ $word == -* ]] || latchkey names "$kind" 2> /dev/null) ;;
	esac
	[[ \${COMPREPLY[0]} == *= ]] && compopt -o nospace
	return 0
}
complete -F _latchkey latchkey`,

	zsh: (places, single) => `#compdef latchkey
# latchkey completion zsh
_latchkey_offer() {
	case $1 in
${cases(places, (offers, names) => {
	if (typeof offers === 'string') return `kind=${offers}`;
	return `offers=(${offers.map(([word, help]) => quoted(help === '' ? word : `${word}:${help}`)).join(' ')})${kindOf(names)}`;
})}
		*) return 1 ;;
	esac
}
_latchkey() {
	local place= kind=
	local -a offers
	((CURRENT > 2)) && place=$words[2]
	case $place in
		${single.join(' | ')}) ;;
		*) ((CURRENT > 3)) && place+=" $words[3]" ;;
	esac
	_latchkey_offer "$place $words[CURRENT-1]" || _latchkey_offer "$place"
	case $kind in
		file) _files ;;
		value) ;;
		${namedThings.join(' | ')})
			local -a names
			names=("\${(@f)$(latchkey names $kind 2> /dev/null)}")
			names=("\${(@)names//:/\\\\:}")
			[[ $words[CURRENT] == -* ]] || _describe latchkey names
			((\${#offers} == 0)) || _describe latchkey offers ;;
		*) _describe latchkey offers ;;
	esac
}
if [[ $funcstack[1] == _latchkey ]]; then _latchkey "$@"; else compdef _latchkey latchkey; fi`,

	fish: (places, single) => `# latchkey completion fish
function __latchkey_offer
	switch "$argv[1]"
${places
	.map(
		({words, offers, names}) => `		case ${quoted(words)}
			${fishOffer(offers)}${names === undefined ? '' : `; ${fishOffer(names)}`}`,
	)
	.join('\n')}
		case '*'
			return 1
	end
end
function __latchkey_complete
	set -l given (commandline -opc)
	set -l place "$given[2]"
	if not contains -- "$place" ${single.join(' ')}; and test (count $given) -gt 2
		set place "$place $given[3]"
	end
	__latchkey_offer "$place $given[-1]"; or __latchkey_offer "$place"
end
complete -c latchkey -f -a '(__latchkey_complete)'`,
};

function cases(
	places: readonly Place[],
	then: (offers: Place['offers'], names: Place['names']) => string,
): string {
	return places
		.map(({words, offers, names}) => `		${quoted(words)}) ${then(offers, names)} ;;`)
		.join('\n');
}

function kindOf(names: Place['names']): string {
	return names === undefined ? '' : ` kind=${names}`;
}

function fishOffer(offers: Place['offers']): string {
	if (offers === 'file') return '__fish_complete_path (commandline -ct)';
	if (offers === 'value') return 'return 0';
	if (typeof offers === 'string') return `latchkey names ${offers} 2> /dev/null`;
	const pairs = offers.map(([word, help]) => `${quoted(word)} ${quoted(help)}`);
	return `printf '%s\\t%s\\n' ${pairs.join(' ')}`;
}

/** One word of any of these shells; none of the texts has a backslash. */
function quoted(text: string): string {
	return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

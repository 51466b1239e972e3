/*
Which characters a text may hold that people read and choose by: names, emails. What is not seen must
not make a difference, or two names look alike and one looks like none.
*/

/**
 * C0 and C1 controls (terminal escapes, NUL that PostgreSQL rejects), separators of lines, and the
 * controls of direction that make one text look like another.
 */
const controls =
	// oxlint-disable-next-line no-control-regex
	/[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u;

/**
 * What shows nothing: everything that Unicode lets a program leave out where it has no glyph, such as
 * zero-width spaces, fillers, soft hyphens and tags, and the marks of annotations.
 */
const invisible = /[\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/u;

/** Scripts in which letters join: there a joiner, or its opposite, changes what is read. */
const joining =
	'Arab Syrc Mand Nkoo Mong Adlm Rohg Phag Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Tibt Mymr Khmr Bali Java Sund Cakm'
		.split(' ')
		.map((script) => `\\p{Script_Extensions=${script}}`)
		.join('');

/** Signs after which a joiner chooses the form of a consonant, also at the end of a word (RFC 5892, A.1). */
const viramas =
	'\\u094D\\u09CD\\u0A4D\\u0ACD\\u0B4D\\u0BCD\\u0C4D\\u0CCD\\u0D4D\\u0DCA\\u1039\\u17D2\\u1B44\\u1BAA\\uA9C0\\u{11133}';

/** Where characters that show nothing by themselves belong to one that does; made once it is needed, which takes ms. */
let belonging: RegExp | undefined;

function belongings(): RegExp {
	belonging ??= new RegExp(
		[
			`(?<=[${viramas}])[\\u200C\\u200D]`,
			`(?<=[${joining}])[\\u200C\\u200D](?=[${joining}])`,
			// Emoji that are made of several.
			'(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F\\u{E007F}])\\u200D(?=\\p{Extended_Pictographic})',
			'(?<=\\p{Extended_Pictographic})[\\uFE0E\\uFE0F]',
			'(?<=[\\d#*])\\uFE0F(?=\\u20E3)',
			// Flags of regions: tags after a black flag, to their end.
			'(?<=\\u{1F3F4})[\\u{E0030}-\\u{E0039}\\u{E0061}-\\u{E007A}]{2,6}\\u{E007F}',
			// Variants of ideographs, and of Mongolian letters.
			'(?<=\\p{Script=Han})[\\uFE00-\\uFE02\\u{E0100}-\\u{E01EF}]',
			'(?<=\\p{Script=Mong})[\\u180B-\\u180F]',
		].join('|'),
		'gu',
	);
	return belonging;
}

/** Whether there is nothing to be seen in a text. */
export function isBlank(text: string): boolean {
	return /^[\s\p{Z}\p{Default_Ignorable_Code_Point}\u2800]*$/u.test(text);
}

/**
 * What kind of characters a text holds that it must not; in time that grows with its length.
 *
 * Joiners are taken where a script or an emoji needs them: between letters that join, after a sign
 * that takes a vowel away, inside an emoji of several.
 */
export function faultOfCharacters(text: string): 'control' | 'invisible' | undefined {
	if (controls.test(text)) return 'control';
	if (!invisible.test(text)) return undefined;
	return invisible.test(text.replace(belongings(), '')) ? 'invisible' : undefined;
}

import type {Setting} from '../../core/config/setting.ts';
import {foreignVariables} from '../../core/config/foreign-variables.ts';
import {settings} from '../../core/config/settings.ts';

/** The configuration page, in Markdown, from the settings that the programs read. */
export function configurationReference(): string {
	const rows = Object.values(settings).map((setting: Setting<unknown>) =>
		row(
			setting.variable,
			fallbackOf(setting),
			setting.programs.filter((program) => program !== 'compose').join(', '),
			setting.description + (setting.required === undefined ? '' : ' Required.'),
		),
	);
	const foreign = foreignVariables.map(({variable, program, description}) =>
		row(variable, '', program, description),
	);
	return `# Configuration

<!-- Written by \`npm run docs\` from core/config/settings.ts: change it there. -->

Everything is set by environment variables, and everything has a safe default or is made at the
first start: a trial needs none of them.

- Each variable can be given as a file instead: \`NAME_FILE=/path\`. One newline at its end is cut
  off. Giving both is an error, and so is a file that is empty, cannot be read, or is not plain UTF-8.
- An empty variable counts as unset.
- A \`LATCHKEY_…\` name that does not exist is an error that names the nearest one that does.
- What Kubernetes and \`docker run --link\` add by themselves for a service called \`latchkey\` or
  \`latchkey-…\` (\`LATCHKEY_SERVICE_HOST\`, \`LATCHKEY_PORT=tcp://10.0.0.1:8080\`) is ignored.
- \`LATCHKEY_MAX_MEMBERS\` and the like limit what one organisation may have. Whatever would exceed a
  limit is refused with 409 and the code \`limit_reached\`; what is there already stays, even above a
  limit that was lowered. API keys have no limit.
- All faults are reported at once, by name, before anything starts; the program then ends with
  status 78. The value of a secret is never shown.
- “file \`name\`” as a default means that it is read from the folder LATCHKEY_SECRETS_DIR, where the
  first start put it.

| variable | default | read by | what it does |
| --- | --- | --- | --- |
${[...rows, ...foreign].join('\n')}
`;
}

function fallbackOf(setting: Setting<unknown>): string {
	if (setting.default !== undefined) return `\`${setting.default}\``;
	return setting.secretFile === undefined ? '' : `file \`${setting.secretFile}\``;
}

function row(variable: string, fallback: string, programs: string, description: string): string {
	return `| \`${variable}\` | ${fallback} | ${programs} | ${description} |`;
}

import {checkGroups, groupOf, type CheckGroup, type HealthCheck} from '../../core/doctor/check.ts';
import {allHealthChecks} from '../../core/doctor/checks.ts';

/** The page of the doctor, in Markdown, from the list of its checks. */
export function doctorReference(): string {
	const groups = (Object.keys(checkGroups) as CheckGroup[]).map((group) => {
		const rows = allHealthChecks.filter((check) => groupOf(check) === group).map(row);
		return `### ${checkGroups[group]}

| id | is well when | otherwise | what to do |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
	});
	return `# The doctor

<!-- Written by \`npm run docs\` from deploy/docs/doctor.ts and core/doctor: change it there. -->

It looks at all of an installation and says of whatever is wrong three things: what, what follows, and
what to do.

\`\`\`sh
deploy/compose/doctor                      # with Docker
npm run --silent operate -- doctor         # beside npm start
latchkey doctor                            # else, with the settings of the server
\`\`\`

\`\`\`text
ok Configuration: 2 checks
ok Secrets: 4 checks
…
x  Redis: 8 checks
    x  Redis at redis:6379 evicts data (allkeys-lru).
       Jobs, limits and counts that wait there vanish without a word.
       CONFIG SET maxmemory-policy noeviction, and the same in its configuration.
       redis.policy
…
x  1 failure.
\`\`\`

- It changes nothing. (One name in Redis is written to see whether that can be done; it ends after a
  minute.)
- It takes 15 seconds at most, whatever is away or stands still. Each check has a limit of its own.
- It runs before the first start and without PostgreSQL or Redis: what is away is a failure, and what
  cannot be looked at for want of it is counted and said to be unknown, which is never \`ok\`. With Docker the
  image must have been built or pulled; nothing is started for it.
- \`deploy/compose/doctor\` tells it what only Docker knows, such as published ports (marked ³). Without that it is
  \`docker compose run --rm operate doctor\`.
- A configuration that is wrong is a finding like any other: what is at fault is left out, and the rest is
  looked at.
- Nothing leaves the machine, unless \`--online\` is given: then identity providers are asked as well.

| option | |
| --- | --- |
| \`--json\` | the same for programs, see below |
| \`--only ID,…\` | these checks alone, or groups of them: \`--only postgresql,redis.memory\` |
| \`--online\` | also ask those who are not of the appliance |
| \`--bundle FILE\` | what Docker knows of the bundle; \`deploy/compose/doctor\` gives it |
| \`--list\` | the id of every check |

| exit status | |
| --- | --- |
| 0 | nothing is wrong |
| 1 | warnings, or something that could not be looked at |
| 2 | failures; or wrong use, with a sentence that says so |

On the first day two warnings are to be expected: nobody has made the first administrator
(\`programs.setup\`), and there is no backup (\`backups.backup\`).

## By cron, and in monitoring

Once a day, told of only when something is wrong:

\`\`\`sh
0 7 * * *  cd /srv/latchkey && said=$(deploy/compose/doctor 2>&1) || echo "$said"
\`\`\`

(cron mails what is written.) Before an upgrade, stop at failures alone:

\`\`\`sh
deploy/compose/doctor || test $? -eq 1
\`\`\`

For programs, \`--json\` writes one object. Its members stay; more may come.

\`\`\`json
{
	"version": "0.1.0",
	"checked_at": "2026-11-30T23:32:23Z",
	"level": "failure",
	"checks": [
		{
			"id": "redis.policy",
			"group": "redis",
			"level": "failure",
			"findings": [
				{
					"level": "failure",
					"what": "Redis at redis:6379 evicts data (allkeys-lru).",
					"follows": "Jobs, limits and counts that wait there vanish without a word.",
					"remedy": "CONFIG SET maxmemory-policy noeviction, and the same in its configuration."
				}
			]
		},
		{
			"id": "schema.terms",
			"group": "schema",
			"level": "unknown",
			"findings": [],
			"unknown_because": "PostgreSQL does not answer"
		}
	]
}
\`\`\`

Levels are \`ok\`, \`unknown\`, \`warning\` and \`failure\`; that of a check is its worst finding's, that of the
whole is the worst check's. The worst findings in one line each:

\`\`\`sh
latchkey doctor --json | jq -r '.checks[] | .id as $id | .findings[] | "\\(.level)\\t\\($id)\\t\\(.what)"'
\`\`\`

## In the console

Health (\`7\`) begins with the same findings in the same words, as the server sees them: it looks when an
operator asks, once in five seconds at most, by two questions at a time. \`GET /api/v1/system/checks\` gives
them to programs with the permission \`system:read\`. What only the machine can see (marked ¹) is left to the
command, what Docker knows (³) as well, and what only a server can see of itself (²) to the
console.

## Every check

${groups.join('\n')}`;
}

function row(check: HealthCheck): string {
	const marks = [
		...(check.onlyAtMachine === true ? ['¹'] : []),
		...(check.onlyInServer === true ? ['²'] : []),
		...(check.onlyOfBundle === true ? ['³'] : []),
		...(check.onlyOnline === true ? [' with `--online`'] : []),
	].join('');
	const cells = [`\`${check.id}\`${marks}`, `${check.title}.`, check.follows, check.remedy];
	return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

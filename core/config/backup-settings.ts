import * as parse from './parse.ts';
import {setting} from './setting.ts';

/** Shorter ones can be tried out by whoever has the file. */
const leastPassphrase = 12;

/** Where backups are kept, and who can open them. */
export const backupSettings = {
	backupDirectory: setting({
		variable: 'LATCHKEY_BACKUP_DIR',
		description:
			'Folder of backups (docs/backup.md). In the bundle: of the host; unset, `backups` beside docker-compose.yml. With `npm start`: `backups` in the data directory.',
		programs: ['backup', 'compose'],
		parse: parse.text,
	}),
	backupRecipient: setting({
		variable: 'LATCHKEY_BACKUP_RECIPIENT',
		description:
			'age recipient (`age1…`) to which backups are encrypted: only those who have its identity file can open them.',
		programs: ['backup', 'compose'],
		parse: parse.pattern(/^age1[a-z0-9]{20,}$/, 'an age recipient, such as age1…'),
	}),
	backupPassphrase: setting({
		variable: 'LATCHKEY_BACKUP_PASSPHRASE',
		description:
			'Passphrase with which backups are encrypted and opened, where no recipient is given.',
		secret: true,
		programs: ['backup', 'compose'],
		parse: parse.secret(leastPassphrase),
	}),
	postgresPrograms: setting({
		variable: 'LATCHKEY_POSTGRES_PROGRAMS_DIR',
		description:
			'Folder with pg_dump, pg_restore and psql. Unset: PATH and the folders where distributions put them are searched for those of the same or a newer PostgreSQL than the server’s.',
		programs: ['backup'],
		parse: parse.text,
	}),
} as const;

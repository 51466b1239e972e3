import type {Archive} from './archive-reader.ts';
import type {MadeBackup} from './backup.ts';
import type {Drilled} from './drill.ts';
import {megabytes} from './place.ts';
import type {Restored} from './restore.ts';

type Say = (text: string) => void;

export function sayBackup(made: MadeBackup, say: Say): void {
	const {file, bytes, tables, rows, deleted} = made;
	say(`${file}: ${megabytes(bytes)}, ${tables} tables with ${rows} rows, as of ${made.taken_at}`);
	if (deleted.length > 0) say(`Deleted, as older ones are not kept: ${deleted.join(', ')}`);
	if (made.secrets && !made.encrypted) {
		say(
			'Warning: the file is not encrypted and holds the master key: whoever has it has everything. Encrypt it (--recipient, --passphrase-file), or leave the secrets out (--without-secrets).',
		);
	}
	if (!made.secrets) {
		say(
			'Without secrets: a restore needs the file encryption_key of this appliance. Keep it elsewhere.',
		);
	}
}

export function sayDrill({file, taken_at: takenAt, proved}: Drilled, say: Say): void {
	say(`${file}, as of ${takenAt}, restores, and this holds:`);
	for (const line of proved) say(`  ${line}`);
}

export function sayRestore(
	archive: Archive,
	restored: Restored | undefined,
	sendsMissedWebhooks: boolean,
	say: Say,
): object {
	const {file, manifest} = archive;
	if (restored === undefined) {
		say(
			`${file}, as of ${manifest.taken_at}, by Latchkey ${manifest.latchkey}, is whole and fits this appliance, which is empty. Nothing was changed.`,
		);
		return {file, taken_at: manifest.taken_at, checked: true};
	}
	say(`Restored from ${file}. This holds:`);
	for (const line of restored.proved) say(`  ${line}`);
	say(`Changed on purpose:
  sessions: all have ended, and codes for passwords and invitations are void; people log in again
  access tokens: a new key signs them; those of before are refused
  webhooks: ${
		sendsMissedWebhooks
			? 'what was waiting at the time of the backup is sent, some of it for the second time'
			: 'what was waiting at the time of the backup is not sent, as it may have been sent since; it is marked as cancelled, and a replay of "dead" sends it'
	}
  events: their numbers go on 1,000,000 higher, so that none is given twice; what happened since the backup is lost
  Redis: ${
		restored.removed_from_redis === undefined
			? 'none was told; empty yours yourself, if it holds anything of this appliance'
			: `emptied of this appliance (${restored.removed_from_redis} names)`
	}; rate limits begin anew, quotas go on from the backup`);
	for (const name of restored.set_aside) {
		say(
			`  secrets: the master key that was there is kept as ${name}; delete it if it is of no other data`,
		);
	}
	say(`
EVERYTHING SINCE ${manifest.taken_at} IS UNDONE. Keys that were revoked, suspended or limited after that are
accepted again; keys that were made after it are unknown; passwords, roles and members are those of then. Go
through what was revoked since (the log of the old servers and your own records tell), and revoke it again
before callers are let in. docs/backup.md has the list.`);
	return restored;
}

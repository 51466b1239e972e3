import test from 'ava';
import {connectDatabase} from '../../core/db/connect.ts';
import {endRun, newestRuns, startRun} from '../../core/maintenance/runs.ts';
import {createDatabase} from '../helpers/services.ts';

test('of each kind of run the newest is told, and the newest that succeeded', async (t) => {
	const database = await createDatabase();
	const owner = connectDatabase(database.ownerConfig, 'test');
	const application = connectDatabase(database.config, 'test');
	try {
		const nothing = {newest: undefined, succeeded: undefined};
		t.deepEqual(await newestRuns(application), {backup: nothing, restore: nothing, drill: nothing});

		const file = {
			file: 'latchkey.backup',
			taken_at: new Date('2026-11-30T01:02:03.456Z'),
			bytes: 5_000_000_000,
			sha256: 'ab'.repeat(32),
		};
		const whole = await startRun(owner, 'backup');
		await endRun(owner, whole, file);
		const failed = await startRun(owner, 'backup');
		await endRun(owner, failed, {error: 'no space is left'});
		const running = await startRun(owner, 'drill');

		const {backup, restore, drill} = await newestRuns(application);
		t.like(backup.succeeded, {id: whole, succeeded: true, error: null, ...file});
		t.like(backup.newest, {id: failed, succeeded: false, error: 'no space is left', file: null});
		t.deepEqual(restore, nothing);
		t.like(drill.newest, {id: running, ended_at: null, succeeded: null});
		t.is(drill.succeeded, undefined);

		await t.throwsAsync(startRun(application, 'drill'), {message: /permission denied/});
	} finally {
		await Promise.all([owner.destroy(), application.destroy()]);
		await database.drop();
	}
});

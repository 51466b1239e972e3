import {randomBytes} from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import {SealError, SecretsError, type SealFault} from '../../core/secrets/errors.ts';
import {sealedColumns, type SealedColumn} from '../../core/secrets/sealed-columns.ts';
import {createVault, masterKeyId} from '../../core/secrets/vault.ts';

const column: SealedColumn = {table: 'webhooks', column: 'secret', id: 'id', purpose: 'webhook'};
const [first, second, third] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const plaintext = Buffer.from('whsec_of_somebody');
const vault = createVault([first]);

const faultOf = (open: () => unknown): SealFault | undefined => {
	try {
		open();
		return undefined;
	} catch (error) {
		if (error instanceof SealError && error instanceof SecretsError) return error.fault;
		throw error;
	}
};

test('D14: what was sealed opens in its place, and twice sealed is not twice the same', (t) => {
	fc.assert(
		fc.property(fc.uint8Array({maxLength: 2000}), fc.string({unit: 'binary'}), (bytes, id) => {
			const sealed = vault.seal(column, id, bytes);
			return (
				vault.open(column, id, sealed).equals(bytes) &&
				!sealed.equals(vault.seal(column, id, bytes)) &&
				sealed.length === bytes.length + 37
			);
		}),
	);
	t.true(
		createVault([first])
			.open(column, '1', vault.seal(column, '1', plaintext))
			.equals(plaintext),
	);
});

test('S-94: a sealed value opens nowhere but in its place and for its purpose', (t) => {
	const sealed = vault.seal(column, '1', plaintext);
	for (const [where, id] of [
		[column, '2'],
		[column, '1|1'],
		[column, ''],
		[{...column, table: 'others'}, '1'],
		[{...column, column: 'other'}, '1'],
		[{...column, purpose: 'other'}, '1'],
	] as const) {
		t.is(
			faultOf(() => vault.open(where, id, sealed)),
			'altered or moved',
			JSON.stringify(where),
		);
	}
});

test('S-94: no sealed column opens what was sealed for another one', (t) => {
	const columns: SealedColumn[] = Object.values(sealedColumns);
	for (const from of columns) {
		const sealed = vault.seal(from, '1', plaintext);
		for (const to of columns) {
			const fault = faultOf(() => vault.open(to, '1', sealed));
			t.is(fault, from === to ? undefined : 'altered or moved', `${from.table} to ${to.table}`);
		}
	}
});

test('S-94: altered in any bit, cut off anywhere or made up, a value does not open', (t) => {
	const sealed = vault.seal(column, '1', plaintext);
	for (let index = 0; index < sealed.length; index++) {
		const altered = Buffer.from(sealed);
		altered[index] = (altered[index] ?? 0) ^ (1 << (index % 8));
		const isKeyId = index >= 1 && index < 9;
		t.is(
			faultOf(() => vault.open(column, '1', altered)),
			isKeyId ? 'unknown master key' : 'altered or moved',
			`byte ${index}`,
		);
		t.is(
			faultOf(() => vault.open(column, '1', sealed.subarray(0, index))),
			'altered or moved',
			`${index} bytes`,
		);
	}
	for (const bytes of [Buffer.concat([sealed, Buffer.alloc(1)]), plaintext, randomBytes(100)]) {
		t.truthy(faultOf(() => vault.open(column, '1', bytes)));
	}
});

test('an error names the place, never the content or a key', (t) => {
	const sealed = vault.seal(column, 'row-1', plaintext);
	const stranger = createVault([second]);
	const error = t.throws(() => stranger.open(column, 'row-1', sealed), {instanceOf: SealError});
	t.is(error.place, 'webhooks.secret of row-1');
	t.is(
		error.message,
		'webhooks.secret of row-1 cannot be opened: it is sealed with a master key that is not in encryption_key',
	);
	const moved = t.throws(() => vault.open(column, 'row-2', sealed), {instanceOf: SealError});
	for (const {message, stack, cause} of [error, moved]) {
		t.is(cause, undefined);
		for (const secret of [plaintext, first, second, sealed.subarray(21)]) {
			for (const coding of ['latin1', 'hex', 'base64', 'base64url'] as const) {
				t.false(`${message}${stack}`.includes(secret.toString(coding)));
			}
		}
	}
});

test('S-95: the first master key seals, older ones open', (t) => {
	const old = vault.seal(column, '1', plaintext);
	const both = createVault([second, first]);
	t.true(both.open(column, '1', old).equals(plaintext));
	t.false(both.isCurrent(old));
	const young = both.seal(column, '1', plaintext);
	t.true(both.isCurrent(young));
	t.true(both.currentId().equals(masterKeyId(second)));
	t.is(
		faultOf(() => vault.open(column, '1', young)),
		'unknown master key',
	);
	t.true(createVault([second]).open(column, '1', young).equals(plaintext));
});

test('S-95: master keys that come while a program runs are read when a value needs them', (t) => {
	let file = [first];
	let reads = 0;
	const running = createVault([first], () => {
		reads++;
		return file;
	});
	t.true(running.open(column, '1', running.seal(column, '1', plaintext)).equals(plaintext));
	t.is(reads, 0, 'nothing is read as long as nothing is missing');
	file = [second, first];
	const young = createVault([second]).seal(column, '1', plaintext);
	t.true(running.open(column, '1', young).equals(plaintext));
	t.true(running.currentId().equals(masterKeyId(second)), 'and seals with it from then on');
	t.is(reads, 1);
	for (let i = 0; i < 1000; i++) {
		t.is(
			faultOf(() => running.open(column, '1', createVault([third]).seal(column, '1', plaintext))),
			'unknown master key',
		);
	}
	t.true(reads <= 3, `${reads} readings for a thousand unknown keys`);
});

test('a file of master keys that cannot be read leaves the known ones in use', (t) => {
	const running = createVault([first], () => {
		throw new Error('half written');
	});
	const foreign = createVault([second]).seal(column, '1', plaintext);
	t.is(
		faultOf(() => running.open(column, '1', foreign)),
		'unknown master key',
	);
	t.true(running.open(column, '1', vault.seal(column, '1', plaintext)).equals(plaintext));
});

test('the public id of a master key tells nothing that seals', (t) => {
	t.is(masterKeyId(first).length, 8);
	t.false(first.includes(masterKeyId(first)));
	t.false(masterKeyId(first).equals(masterKeyId(second)));
	const purposes = Object.values(sealedColumns).map(({purpose}) => purpose);
	t.is(new Set([...purposes, 'id']).size, purposes.length + 1, 'each purpose has its own key');
});

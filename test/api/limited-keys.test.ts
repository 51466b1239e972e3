import test from 'ava';
import {limitedKeys, type ListedLimitedKey} from '../../contract/key-limits.ts';
import {LimitRefusals} from '../../core/limits/refusals.ts';
import {createLog} from '../../core/log.ts';
import {makeKey, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, jwt, db} = await openAppliance();
const log = createLog({program: 'test', logLevel: 'error', keyPrefix: 'hklst_'});

test.after.always(() => appliance.stop());

/** An organisation whose keys are refused, so many ms ago. */
async function open(count: number) {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const keys: Awaited<ReturnType<typeof makeKey>>[] = [];
	for (let i = 0; i < count; i++) keys.push(await makeKey(server, jwt, id));
	const path = `/api/v1/organizations/${id}/limited-keys`;
	return {
		keys,
		path,
		refuse: async (refusals: [key: number, name: string, ago: number, count?: number][]) => {
			const noted = new LimitRefusals({db, log});
			for (const [key, name, ago, times = 1] of refusals) {
				for (let i = 0; i < times; i++) noted.note(keys[key]?.id ?? '', name, Date.now() - ago);
			}
			await noted.drain();
		},
		read: async (url = path) => {
			const answer = await server.call(url, {bearer: jwt});
			return {
				list: limitedKeys.parse(answer.json()),
				next: /<([^>]+)>; rel="next"/.exec(String(answer.headers['link']))?.[1],
			};
		},
	};
}

const told = (list: ListedLimitedKey[]) =>
	list.map(({id, limits}) => [id, ...limits.map(({name, refused}) => `${name} ${refused}`)]);

test('keys that are being refused are listed, the latest first, with each limit that refuses them', async (t) => {
	const {keys, refuse, read} = await open(4);
	const [first, second, , older] = keys;
	t.deepEqual((await read()).list, []);
	await refuse([
		[0, 'burst', 20_000, 3],
		[0, 'org:all', 5000],
		[1, 'quota', 1000, 2],
		[3, 'burst', 3_600_000],
	]);
	const {list} = await read();
	t.deepEqual(told(list), [
		[second?.id, 'quota 2'],
		[first?.id, 'org:all 1', 'burst 3'],
	]);
	t.like(list[0], {name: second?.name, limits: [{last_at: list[0]?.last_at}]});
	t.true((list[1]?.limits[1]?.last_at ?? '') < (list[1]?.last_at ?? ''));
	t.false(JSON.stringify(list).includes(String(first?.key)));

	await refuse([[3, 'burst', 0]]);
	const again = (await read()).list;
	t.deepEqual(told(again)[0], [older?.id, 'burst 2'], 'what it was refused before counts, too');
});

test('they come in pages, each key once', async (t) => {
	const {keys, path, refuse, read} = await open(5);
	await refuse(
		keys.flatMap(
			(_, key) =>
				[
					[key, 'a', 2000],
					[key, 'b', 1000 + 2 * key],
				] as never[],
		),
	);
	const seen: string[] = [];
	let pages = 0;
	for (let url: string | undefined = `${path}?limit=2`; url !== undefined; pages++) {
		const page = await read(url);
		seen.push(...page.list.map(({id}) => id));
		url = page.next;
	}
	t.deepEqual(
		seen,
		keys.map(({id}) => id),
	);
	t.is(pages, 3);
});

test('nobody is told of the keys of another organisation', async (t) => {
	const [one, other] = [await open(1), await open(1)];
	await one.refuse([[0, 'burst', 0]]);
	t.is((await one.read()).list.length, 1);
	t.deepEqual((await other.read()).list, []);
	const refused = await server.call(`${one.path}?name=a`, {bearer: jwt});
	t.like(refused, {status: 400, text: '{"error":"Unknown query parameter: name"}'});
});

import {pathToFileURL} from 'node:url';
import path from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import {createStore} from '../../tui/app/store.ts';
import type {Event} from '../../tui/app/effect.ts';
import {type OutputClass, withRememberedRows} from '../../tui/ink/remembered-rows.ts';
import {loggedIn, start, unused, used} from './driven.ts';

/* What a frame costs: none is drawn that looks as the one before, and no row that was drawn already. */

const root = path.join(import.meta.dirname, '..', '..', '..');
const file = path.join(root, 'node_modules/ink/build/output.js');
const {default: Whole} = (await import(pathToFileURL(file).href)) as {default: OutputClass};

const column = fc.integer({min: -2, max: 14});
const row = fc.integer({min: -1, max: 4});
/** As lines are written: each look ends where its part does. */
const text = fc
	.array(
		fc.constantFrom(
			'a',
			' ',
			'b ',
			'数',
			'e\u0301',
			'\u001B[1mc\u001B[22m',
			'\u001B[1m\u001B[32md \u001B[39m\u001B[22m',
			'\u001B[7m \u001B[27m',
			'\u001B[2m数\u001B[22m',
		),
		{maxLength: 8},
	)
	.map((pieces) => pieces.join(''));
const bound = fc.option(column, {nil: undefined});
const piece = fc.record({
	x: fc.integer({min: 0, max: 9}),
	y: row,
	text: fc.oneof(
		{weight: 9, arbitrary: text},
		{weight: 1, arbitrary: fc.constant('a\n\u001B[1mb\u001B[22m')},
	),
	clips: fc.array(fc.record({x1: bound, x2: bound, y1: bound, y2: bound}), {maxLength: 2}),
	isTransformed: fc.boolean(),
});
type Piece = typeof piece extends fc.Arbitrary<infer T> ? T : never;

function frameOf(Kind: OutputClass, pieces: readonly Piece[], isPlain: boolean) {
	const output = new Kind({width: 10, height: 4});
	for (const {x, y, text: written, clips, isTransformed} of pieces) {
		for (const clip of clips) output.clip(clip);
		const transformers =
			isTransformed && !isPlain ? [(line: string) => `\u001B[4m${line}\u001B[24m`] : [];
		output.write(x, y, written, {transformers});
		for (const _ of clips) output.unclip();
	}
	return output.get();
}

test('a frame of remembered rows shows what the one shows that Ink draws', (t) => {
	const Remembering = withRememberedRows(Whole);
	/** The same looks may be written in several ways: as Ink itself writes them. */
	const asInk = ({output, height}: ReturnType<typeof frameOf>) => ({
		height,
		rows: output.split('\n').map((line) => {
			const alone = new Whole({width: 40, height: 1});
			alone.write(0, 0, line, {transformers: []});
			return alone.get().output;
		}),
	});
	const drawn = fc.property(fc.array(piece, {maxLength: 6}), fc.boolean(), (pieces, isPlain) => {
		const wanted = asInk(frameOf(Whole, pieces, isPlain));
		// The second time nothing is drawn that was drawn before.
		t.deepEqual(asInk(frameOf(Remembering, pieces, isPlain)), wanted);
		t.deepEqual(asInk(frameOf(Remembering, pieces, isPlain)), wanted);
	});
	t.notThrows(() => fc.assert(drawn, {numRuns: 1000}));
});

test('a list that is read again is drawn once: when all of it is here', (t) => {
	let now = start;
	const {model} = loggedIn([unused, used]);
	const store = createStore(
		model,
		() => now,
		() => {},
	);
	let frames = 0;
	store.subscribe(() => frames++);
	const seen = (event: Event) => {
		const before = frames;
		store.send(event);
		return frames - before;
	};
	now += 6000;
	t.is(seen({type: 'tick'}), 0, 'it is asked for');
	t.true(store.get().keys.loading);
	const loaded = (items: readonly (typeof used)[], partial: boolean) =>
		seen({type: 'loaded', answer: {list: 'keys', items}, partial, took: 10, epoch: 1});
	t.is(loaded([unused], true), 0, 'a part of it changes nothing');
	t.is(loaded([unused, used], false), 1, 'when it was read is shown');
	t.is(seen({type: 'key', key: 'j'}), 1);
	t.is(seen({type: 'tick'}), 0);
	now += 30_000;
	t.is(seen({type: 'tick'}), 1, 'time goes on, also while no answer comes');
});

import test from 'ava';
import {networks} from '../../tui/api-keys/networks.ts';

const {label, takes, read} = networks('IP allow', 'everywhere');

test('networks are read with commas or spaces between, and told in the spelling they are kept in', (t) => {
	t.deepEqual(
		[label, takes],
		['IP allow', 'everywhere; or networks such as 10.0.0.0/8, 2001:db8::/32'],
	);
	t.deepEqual(read('10.20.0.0/16', 0), {
		value: ['10.20.0.0/16'],
		means: '1 network: 10.20.0.0/16',
	});
	t.deepEqual(read(' 10.4.3.9 ,2001:DB8:0::/32\t::1,', 0), {
		value: ['10.4.3.9/32', '2001:db8::/32', '::1/128'],
		means: '3 networks: 10.4.3.9/32, 2001:db8::/32, ::1/128',
	});
});

test('what is not a network is named, with how to write it', (t) => {
	for (const [text, problem] of [
		['10.0.0.0/8, 10.4.3.7/16', '10.4.3.7/16 has host bits set: write 10.4.0.0/16'],
		['10.0.0.0/33', '10.0.0.0/33 must have a prefix length from 0 to 32, such as /24'],
		['example.com', 'example.com must be a network such as 10.0.0.0/8 or 2001:db8::/32'],
		[',', 'takes networks such as 10.0.0.0/8, 2001:db8::/32'],
	] as const) {
		t.deepEqual(read(text, 0), {problem}, text);
	}
});

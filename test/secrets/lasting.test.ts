import test from 'ava';
import {ephemeralFault} from '../../core/secrets/lasting.ts';

const secrets = '/run/latchkey/secrets';
const root =
	'612 545 0:62 / / ro,relatime master:228 - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/A:/var/lib/docker/overlay2/l/B,upperdir=/var/lib/docker/overlay2/c/diff,workdir=/var/lib/docker/overlay2/c/work\n613 612 0:65 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw\n618 612 0:70 / /tmp rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,size=65536k\n';
const mount = (from: string, at: string, rest = 'rw,relatime - ext4 /dev/vda1 rw') =>
	`${root}619 612 254:1 ${from} ${at} ${rest}\n`;
const anonymous = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

for (const [title, mountinfo, expected] of [
	['nothing mounted', root, 'it is not on a volume'],
	['a named volume', mount('/var/lib/docker/volumes/latchkey_secrets/_data', secrets), undefined],
	['a named volume on its own disk', mount('/volumes/latchkey_secrets/_data', secrets), undefined],
	[
		'a named volume above it',
		mount('/var/lib/docker/volumes/run/_data', '/run/latchkey'),
		undefined,
	],
	['a folder of the host', mount('/srv/latchkey/secrets', secrets), undefined],
	[
		'an anonymous volume',
		mount(`/var/lib/docker/volumes/${anonymous}/_data`, secrets),
		'it is on an anonymous volume',
	],
	['a tmpfs', mount('/', secrets, 'rw,nosuid - tmpfs tmpfs rw,size=1024k'), 'it is on a tmpfs'],
	['a tmpfs above it', mount('/', '/run', 'rw,nosuid - tmpfs tmpfs rw'), 'it is on a tmpfs'],
	[
		'secrets of an orchestrator',
		mount('/', secrets, 'ro,relatime - tmpfs tmpfs rw,size=8192k'),
		undefined,
	],
	[
		'a volume beside it with a like name',
		mount('/volumes/x/_data', '/run/latchkey/secrets2'),
		'it is not on a volume',
	],
	[
		'rootless Podman without a volume',
		root.replace('- overlay overlay', '- fuse.fuse-overlayfs fuse-overlayfs'),
		'it is not on a volume',
	],
	[
		'a machine, no container',
		'22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n24 22 0:22 / /run rw,nosuid shared:2 - tmpfs tmpfs rw\n',
		undefined,
	],
	['no mountinfo', '', undefined],
] as const) {
	test(`secrets that would vanish with the container: ${title}`, (t) => {
		t.is(ephemeralFault(secrets, mountinfo), expected);
	});
}

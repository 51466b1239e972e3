import * as z from 'zod';

/** What only Docker knows of the bundle, as deploy/compose/doctor tells it. */
export type BundleFacts = {
	composeVersion: string | undefined;
	containers: readonly BundleContainer[];
};

export type BundleContainer = z.infer<typeof container>;

/** A line of `docker inspect`; the names of members are deploy/compose/doctor's. */
const container = z.object({
	service: z.string(),
	/** By the port of the container, such as `8080/tcp`. */
	ports: z
		.record(z.string(), z.array(z.object({HostIp: z.string(), HostPort: z.string()})).nullable())
		.nullable(),
	/** Seconds; Docker's own 10 where it is null. */
	stop_timeout: z.number().nullable(),
	restart_policy: z.string(),
	restarts: z.number(),
	oom_killed: z.boolean(),
	log_driver: z.string(),
	log_options: z.record(z.string(), z.string()).nullable(),
});

/**
 * Reads what deploy/compose/doctor writes: the version of Compose on the first line, then a container on each.
 *
 * @throws {Error} when it is something else
 */
export function parseBundleFacts(text: string): BundleFacts {
	const [version = '', ...lines] = text.split('\n');
	try {
		return {
			composeVersion: /^v?(\d+\.\d+\.\d+)/.exec(version)?.[1],
			containers: lines
				.filter((line) => line.trim() !== '')
				.map((line) => container.parse(JSON.parse(line))),
		};
	} catch {
		throw new Error('--bundle: this is not what deploy/compose/doctor writes');
	}
}

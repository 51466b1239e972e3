import {mkdir, open, readdir, rename, rm, stat, statfs} from 'node:fs/promises';
import type {FileHandle} from 'node:fs/promises';
import path from 'node:path';
import {BackupError, messageOf} from './errors.ts';

/** Such as latchkey-20261130T231500Z.tar, or .tar.age where it is encrypted. */
const backupName = /^latchkey-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.tar(\.age)?$/;
/** One that is being written; begins with a dot, so that nobody takes it for a backup. */
const partialName = /^\.latchkey-.*\.partial$/;
const dayMs = 86_400_000;

/** Where a backup goes. */
export type Place = {
	folder: string;
	/** Undefined: named by its time. */
	name: string | undefined;
};

/** How many backups are kept in the folder; undefined: all. */
export type Retention = {count: number | undefined; days: number | undefined};

/** @param to a folder, or the file itself where it does not name a folder that exists */
export async function choosePlace(to: string): Promise<Place> {
	const target = path.resolve(to);
	const found = await stat(target).catch(() => undefined);
	const isFolder = found?.isDirectory() ?? (to.endsWith('/') || !path.basename(to).includes('.'));
	if (found !== undefined && !isFolder) {
		throw new BackupError(`${target} is there already. Nothing was written.`);
	}
	const folder = isFolder ? target : path.dirname(target);
	try {
		await mkdir(folder, {recursive: true, mode: 0o700});
	} catch (error) {
		throw new BackupError(`The folder ${folder} cannot be made: ${messageOf(error)}`);
	}
	return {folder, name: isFolder ? undefined : path.basename(target)};
}

export function nameOf(takenAt: Date, isEncrypted: boolean): string {
	const time = takenAt.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
	return `latchkey-${time}.tar${isEncrypted ? '.age' : ''}`;
}

/** The backups of a folder, newest first. */
export async function listBackups(folder: string): Promise<{file: string; takenAt: number}[]> {
	let names: string[];
	try {
		names = await readdir(folder);
	} catch (error) {
		throw new BackupError(`The folder ${folder} cannot be read: ${messageOf(error)}`);
	}
	return names
		.flatMap((name) => {
			const [, ...digits] = backupName.exec(name) ?? [];
			if (digits.length === 0) return [];
			const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = digits.map(Number);
			const takenAt = Date.UTC(year, month - 1, day, hour, minute, second);
			return [{file: path.join(folder, name), takenAt}];
		})
		.toSorted((a, b) => b.takenAt - a.takenAt || (a.file < b.file ? 1 : -1));
}

/**
 * A file beside the place, for a backup that is being written. What a killed one left is removed: only one is
 * written at a time.
 */
export async function openPartial(folder: string): Promise<{file: string; handle: FileHandle}> {
	try {
		for (const name of await readdir(folder)) {
			if (partialName.test(name)) await rm(path.join(folder, name), {force: true});
		}
		const file = path.join(folder, `.latchkey-${process.pid}-${Date.now()}.partial`);
		return {file, handle: await open(file, 'wx+', 0o600)};
	} catch (error) {
		throw new BackupError(`In ${folder} nothing can be written: ${messageOf(error)}`);
	}
}

/** Gives the file its name, through a power cut too. */
export async function finishPartial(partial: string, file: string): Promise<void> {
	await rename(partial, file);
	const folder = await open(path.dirname(file), 'r');
	try {
		await folder.sync();
	} finally {
		await folder.close();
	}
}

/** @throws {BackupError} when the folder has clearly too little room */
export async function requireSpace(folder: string, databaseBytes: number): Promise<void> {
	const {bavail, bsize} = await statfs(folder);
	const free = bavail * bsize;
	const [newest] = await listBackups(folder);
	const last = newest === undefined ? undefined : (await stat(newest.file)).size;
	// A compressed dump without indexes is smaller than half of what it is made from.
	const needed = last === undefined ? Math.floor(databaseBytes / 2) : Math.ceil(last * 1.25);
	if (free >= needed) return;
	throw new BackupError(
		`${folder} has ${megabytes(free)} free, and a backup may need ${megabytes(needed)}. Make room, or choose another folder. Nothing was written.`,
	);
}

/** Deletes what retention does not keep, never `newest`. @returns the names */
export async function deleteOld(
	folder: string,
	newest: string,
	{count, days}: Retention,
): Promise<string[]> {
	if (count === undefined && days === undefined) return [];
	const deleted: string[] = [];
	for (const [place, {file, takenAt}] of (await listBackups(folder)).entries()) {
		const isCounted = count !== undefined && place < count;
		const isYoung = days !== undefined && takenAt > Date.now() - days * dayMs;
		if (file === newest || isCounted || isYoung) continue;
		await rm(file);
		deleted.push(path.basename(file));
	}
	return deleted;
}

export function megabytes(bytes: number): string {
	return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

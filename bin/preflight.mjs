/**
 * Owns what must be true before anything is started: a data folder that can be written, room on
 * the disk, a free port, a database URL that works.
 * Must not change anything but make the data folder.
 */
import { accessSync, constants, mkdirSync, statfsSync } from 'node:fs';
import { isFree } from './ports.mjs';
import { messageOf, Trouble } from './trouble.mjs';

const ROOM_MIN_MB = 300;

/** Throws a Trouble when the data folder is of no use. @param {string} dataDir absolute */
export function checkDataFolder(dataDir) {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  } catch (error) {
    throw cannotBeWritten(dataDir, error);
  }
  checkRoom(dataDir);
}

const OTHER_FOLDER = 'name another folder with --data or HOLDFAST_DATA';

/** @param {string} dataDir @param {unknown} error */
const cannotBeWritten = (dataDir, error) =>
  new Trouble(`the data folder ${dataDir} cannot be written`, OTHER_FOLDER, error);

/** Throws a Trouble when a folder that exists cannot be used or is full. @param {string} dataDir */
export function checkRoom(dataDir) {
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw cannotBeWritten(dataDir, error);
  }
  const { bavail, bsize } = statfsSync(dataDir);
  const roomMb = Math.floor((bavail * bsize) / 1024 / 1024);
  if (roomMb < ROOM_MIN_MB) {
    const what = `${dataDir} has ${roomMb} MB of room, ${ROOM_MIN_MB} MB are needed`;
    throw new Trouble(what, `free some, or ${OTHER_FOLDER}`);
  }
}

/** Throws a Trouble when somebody listens on the port. @param {number} port */
export async function checkPort(port) {
  if (await isFree(port)) return;
  throw new Trouble(
    `port ${port} on 127.0.0.1 is in use`,
    `end what uses it, or take another: npm start -- --port ${port + 1}`,
  );
}

const CURE = 'correct DATABASE_URL, or unset it: npm start then runs a PostgreSQL of its own';

/**
 * Throws a Trouble when the URL is malformed, nobody answers, or the login is refused.
 * @param {string} url
 */
export async function checkDatabase(url) {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    throw new Trouble('DATABASE_URL is not like postgres://user:password@host:5432/database', CURE);
  }
  const { host } = new URL(url);
  try {
    // Loaded late: the dependencies are installed by now.
    const { query } = await import('./postgres-query.mjs');
    await query(url, 'select 1');
  } catch (error) {
    const why = messageOf(error) || codeOf(error);
    throw new Trouble(`DATABASE_URL: ${host} says: ${why}`, CURE, error);
  }
}

/** Several failed addresses of one host come together, without a text. @param {unknown} error */
const codeOf = (error) => (error instanceof Error && 'code' in error ? String(error.code) : '');

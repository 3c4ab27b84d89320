/**
 * Owns what failpoints do to a process: kill it, or stop it until it is continued.
 * Must not know where they stand.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, start, until } from './program';

const program = (rule: string): string => `
  const { armFailpoints, failpoint } = require(${JSON.stringify(join(ROOT, 'runtime/failpoints'))});
  armFailpoints(${JSON.stringify(rule)});
  (async () => {
    for (const hit of [1, 2, 3]) {
      console.log('hit', hit);
      await failpoint('record.after_commit');
    }
    console.log('end');
  })();`;

const play = (rule: string) => start(['--import', 'tsx', '-e', program(rule)]);

test('kill ends the process at that hit, with no chance to say anything', async () => {
  const { child, ended } = play('record.after_commit=kill@2');
  const { out, code } = await ended;
  expect([out, code, child.signalCode]).toEqual(['hit 1\nhit 2\n', null, 'SIGKILL']);
});

test('pause stops the process until somebody lets it go on', async () => {
  const { child, ended, said } = play('record.after_commit=pause@1');
  const state = () => /\) (\w)/.exec(readFileSync(`/proc/${child.pid}/stat`, 'utf8'))?.[1];
  await until(() => said().includes('hit 1') && state() === 'T');
  child.kill('SIGCONT');
  expect((await ended).out).toMatch(/end/);
});

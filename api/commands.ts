/**
 * Owns looking up what became of a command.
 * Must not know how it came about.
 */
import { z } from 'zod';
import { COMMAND_COLUMNS, type CommandRow } from './command-row';
import { type Endpoint, endpoint } from './endpoint';
import { problem } from './problem';
import { commandAnswer } from './schemas/commands';
import { idOf } from './schemas/fields';
import { rowOf, sql } from './sql';
import { commandView } from './views/command';

const get = endpoint({
  method: 'get',
  path: '/v1/commands/{id}',
  operationId: 'getCommand',
  tag: 'Events',
  summary: 'What became of a command',
  right: 'party',
  params: z.object({ id: idOf('cmd') }),
  answers: { 200: { about: 'The command as it stands.', schema: commandAnswer } },
  problems: ['not_found'],
  handle: async ({ api, caller, params }) => {
    const row = await rowOf<CommandRow>(
      api.database,
      sql`select ${COMMAND_COLUMNS} from holdfast.commands c
           where c.id = ${params.id} and c.platform_id = ${caller.platform}
             and c.livemode = ${caller.livemode}
             and (${caller.account}::text is null
               or c.actor ->> 'on_behalf_of' = ${caller.account})`,
    );
    return row ? { status: 200, body: commandView(row) } : problem('not_found');
  },
});

export const commandStatusRoutes: readonly Endpoint[] = [get];

/**
 * Owns the golden schema: what a migrated database consists of, read from its catalog and printed
 * the same by every supported PostgreSQL. `schema.sql` is this print, so that a review shows what
 * a migration has changed. Print it again with
 *
 *   npm run schema
 *
 * Must not know what any object is for; imports npm packages only.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from './migrate';
import { migrationNames, migrationText } from './source';

export const SCHEMA_FILE = join(__dirname, 'schema.sql');

/** The schema of a migrated database as text; the order depends on names alone. */
export async function printSchema(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // Names in definitions are printed with their schema where they are not found without it.
    await client.query('set search_path = pg_catalog');
    const blocks: string[] = [HEAD];
    for (const query of [SCHEMAS, TYPES, RELATIONS, VIEWS, FUNCTIONS, DEFAULT_GRANTS]) {
      const { rows } = await client.query<{ block: string }>(query);
      blocks.push(...rows.map(({ block }) => block));
    }
    blocks.push(printFiles());
    return `${blocks.join('\n\n')}\n`;
  } finally {
    await client.end();
  }
}

const HEAD = `-- Printed by migrations/print.ts from the catalog of a freshly migrated database:
-- what all migrations come to. Not run by anybody. Functions stand with the hash of their
-- text, views with their columns; each file stands with its hash at the end.`;

/** The files, so that an edit of one that was merged shows here too. */
function printFiles(): string {
  const lines = migrationNames().map(
    (name) => `-- ${name} ${createHash('sha256').update(migrationText(name)).digest('hex')}`,
  );
  return ['-- migrations', ...lines].join('\n');
}

const OURS = `('ledger', 'holdfast', 'sandbox')`;

/** `grant select, insert to holdfast_app` for each grantee that is not the owner itself. */
const grantsOf = (acl: string, owner: string, indent: string): string => `
  (select string_agg(format(E'\\n${indent}grant %s to %s', g.rights, g.who), '' order by g.who)
     from (select case when a.grantee = 0 then 'public' else a.grantee::regrole::text end as who,
                  string_agg(lower(a.privilege_type), ', ' order by a.privilege_type) as rights
             from aclexplode(${acl}) a where a.grantee <> ${owner} group by 1) g)`;

const SCHEMAS = `
  select concat('schema ', n.nspname, ' owner ', n.nspowner::regrole,
                ${grantsOf('n.nspacl', 'n.nspowner', '  ')}) as block
    from pg_namespace n where n.nspname in ${OURS} order by n.nspname collate "C"`;

const TYPES = `
  select concat(
           case t.typtype when 'd' then 'domain ' else 'type ' end, n.nspname, '.', t.typname,
           case t.typtype
             when 'd' then concat(' as ', format_type(t.typbasetype, t.typtypmod),
               (select string_agg(E'\\n  ' || pg_get_constraintdef(c.oid), '' order by c.conname)
                  from pg_constraint c where c.contypid = t.oid and c.contype = 'c'))
             else concat(' as enum (',
               (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
                  from pg_enum e where e.enumtypid = t.oid), ')') end) as block
    from pg_type t join pg_namespace n on n.oid = t.typnamespace
   where n.nspname in ${OURS} and t.typtype in ('d', 'e')
   order by n.nspname collate "C", t.typname collate "C"`;

/** Columns of a table or view, in their order. */
const COLUMNS = `
  (select string_agg(concat(E'\\n  ', a.attname, ' ', format_type(a.atttypid, a.atttypmod),
            case when a.attcollation not in (0, 100) then
              concat(' collate ', a.attcollation::regcollation) end,
            case when a.attnotnull then ' not null' end,
            case a.attidentity when 'a' then ' identity always' when 'd' then ' identity' end,
            case when a.attgenerated <> '' then ' generated' end,
            ' default ' || pg_get_expr(d.adbin, d.adrelid)), '' order by a.attnum)
     from pg_attribute a
     left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)`;

const RELATIONS = `
  select concat('table ', n.nspname, '.', c.relname,
           case when c.relowner <> 'holdfast_owner'::regrole then
             concat(' owner ', c.relowner::regrole) end,
           ' with (' || array_to_string(c.reloptions, ', ') || ')', ${COLUMNS},
           (select string_agg(concat(E'\\n  constraint ', k.conname, ' ',
                     pg_get_constraintdef(k.oid)), '' order by k.conname collate "C")
              from pg_constraint k where k.conrelid = c.oid and k.contype in ('c', 'f', 'p', 'u')),
           (select string_agg(concat(E'\\n  ', pg_get_indexdef(i.indexrelid)), ''
                     order by i.indexrelid::regclass::text collate "C")
              from pg_index i where i.indrelid = c.oid and i.indexrelid not in (
                select k.conindid from pg_constraint k where k.conrelid = c.oid)),
           (select string_agg(concat(E'\\n  ', pg_get_triggerdef(t.oid),
                     case t.tgenabled when 'O' then '' else ' ' || t.tgenabled::text end), ''
                     order by t.tgname collate "C")
              from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal),
           ${grantsOf('c.relacl', 'c.relowner', '  ')},
           (select string_agg(concat(E'\\n  column ', a.attname,
                     ${grantsOf('a.attacl', 'c.relowner', '  ')}), '' order by a.attnum)
              from pg_attribute a where a.attrelid = c.oid and a.attacl is not null)) as block
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname in ${OURS} and c.relkind in ('r', 'p')
   order by n.nspname collate "C", c.relname collate "C"`;

const VIEWS = `
  select concat('view ', n.nspname, '.', c.relname, ${COLUMNS},
           ${grantsOf('c.relacl', 'c.relowner', '  ')}) as block
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname in ${OURS} and c.relkind in ('v', 'm')
   order by n.nspname collate "C", c.relname collate "C"`;

const FUNCTIONS = `
  select concat('function ', n.nspname, '.', p.proname, '(',
           pg_get_function_identity_arguments(p.oid), ')',
           E'\\n  returns ', pg_get_function_result(p.oid), E'\\n  language ', l.lanname,
           case p.provolatile when 'i' then ' immutable' when 's' then ' stable' end,
           case when p.proisstrict then ' strict' end,
           case when p.prosecdef then ' security definer' end,
           (select string_agg(E'\\n  set ' || s, '' order by s) from unnest(p.proconfig) s),
           E'\\n  body ', encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex'),
           ${grantsOf("coalesce(p.proacl, acldefault('f', p.proowner))", 'p.proowner', '  ')}
         ) as block
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    join pg_language l on l.oid = p.prolang
   where n.nspname in ${OURS}
   order by n.nspname collate "C", p.proname collate "C",
            pg_get_function_identity_arguments(p.oid) collate "C"`;

const DEFAULT_GRANTS = `
  select concat('default privileges of ', d.defaclrole::regrole, coalesce(' in ' || n.nspname, ''),
           case d.defaclobjtype when 'r' then ' on tables' when 'f' then ' on functions'
             else ' on ' || d.defaclobjtype::text end,
           ${grantsOf('d.defaclacl', 'd.defaclrole', '  ')}) as block
    from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace
   order by n.nspname collate "C" nulls first, d.defaclobjtype`;

async function main(): Promise<void> {
  const url = process.env.DATABASE_URL;
  if (url === undefined) throw new Error('DATABASE_URL is not set: an empty database to migrate');
  await migrate(url);
  writeFileSync(SCHEMA_FILE, await printSchema(url));
  console.log(`printed ${SCHEMA_FILE}`);
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(`print: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}

/**
 * Owns reading the OpenAPI file: its operations, and the fields of a body by their place in the
 * schema. A field that can be one of several things has them as members.
 * Must not know how a field is spoilt, nor any resource.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: Schema;
  readonly maxProperties?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
};

export type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
};

export type Operation = {
  readonly operationId: string;
  readonly method: string; // in capitals
  readonly path: string;
  readonly security?: readonly unknown[]; // empty: open
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
  readonly responses: Readonly<Record<string, unknown>>;
};

type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

const document: Document = JSON.parse(
  readFileSync(resolve(__dirname, '../../docs/openapi.json'), 'utf8'),
);

/** Every operation of the file. */
export const OPERATIONS: readonly Operation[] = Object.entries(document.paths).flatMap(
  ([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      ...operation,
      path,
      method: method.toUpperCase(),
    })),
);

export function operationOf(id: string): Operation {
  const found = OPERATIONS.find(({ operationId }) => operationId === id);
  if (!found) throw new Error(`the file has no operation ${id}`);
  return found;
}

/** The schema of a JSON body; null when there is none. */
export const bodyOf = ({ requestBody }: Operation): Schema | null =>
  requestBody?.content['application/json']?.schema ?? null;

/** What a schema allows, one member for each JSON type or shape. */
export function membersOf(schema: Schema): readonly Schema[] {
  const { $ref, anyOf, oneOf, allOf, type } = schema;
  if ($ref) {
    const found = document.components.schemas[$ref.split('/').at(-1) ?? ''];
    if (!found) throw new Error(`the file has no ${$ref}`);
    return membersOf(found);
  }
  const several = anyOf ?? oneOf ?? allOf;
  if (several) return several.flatMap(membersOf);
  return typeof type === 'string' || !type
    ? [schema]
    : type.map((one) => (one === 'null' ? { type: one } : { ...schema, type: one }));
}

export type Path = readonly (string | number)[];

/** A field of a body: where it is, and what may stand there. */
export type Field = {
  readonly path: Path;
  readonly place: string; // `/parties/*/role`: the same for every item of a list
  readonly members: readonly Schema[];
  readonly fitting: Schema; // the member that the value is
  readonly value: unknown;
};

/** The fields of a value, the body itself first; `place` leads to each by its schema. */
export function fieldsOf(
  schema: Schema,
  value: unknown,
  path: Path = [],
  place = '',
): readonly Field[] {
  const members = membersOf(schema);
  const at = members.findIndex((member) => fits(member, value));
  const fitting = members[at];
  if (!fitting) throw new Error(`${place}: ${JSON.stringify(value)} is nothing that it may be`);
  const inside = members.length > 1 ? `${place}<${at}>` : place;
  const parts = Object.entries(Object(value)).flatMap(([name, part]) => {
    const key = fitting.type === 'array' ? Number(name) : name;
    const below = schemaBelow(fitting, name);
    const step = fitting.properties?.[name] ? name : '*';
    return below ? fieldsOf(below, part, [...path, key], `${inside}/${step}`) : [];
  });
  return [{ path, place: inside, members, fitting, value }, ...(isLeaf(fitting) ? [] : parts)];
}

const isLeaf = ({ type }: Schema): boolean => type !== 'object' && type !== 'array';

function schemaBelow({ items, properties, additionalProperties }: Schema, name: string) {
  if (items) return items;
  const free = typeof additionalProperties === 'object' ? additionalProperties : null;
  const below = properties?.[name] ?? free;
  return below && Object.keys(below).length > 0 ? below : null; // `{}`: anything
}

/** Every place that a schema has; null stands nowhere by itself. */
export function placesOf(schema: Schema, place = ''): readonly string[] {
  const members = membersOf(schema);
  return members.flatMap((member, at) => {
    if (member.type === 'null') return [];
    const inside = members.length > 1 ? `${place}<${at}>` : place;
    const { items, properties = {}, additionalProperties: free } = member;
    return [
      inside,
      ...(items ? placesOf(items, `${inside}/*`) : []),
      ...Object.entries(properties).flatMap(([name, below]) =>
        placesOf(below, `${inside}/${name}`),
      ),
      ...(typeof free === 'object' && Object.keys(free).length > 0
        ? placesOf(free, `${inside}/*`)
        : []),
    ];
  });
}

/** The JSON type of a value. */
export function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' ? 'integer' : typeof value;
}

/** Near enough to tell the members of one field apart. */
function fits(member: Schema, value: unknown): boolean {
  if (member.type && member.type !== typeOf(value)) return false;
  if (member.enum && !member.enum.includes(value)) return false;
  if (member.pattern && !new RegExp(member.pattern).test(String(value))) return false;
  if (member.type !== 'object') return true;
  const { properties = {}, required = [], additionalProperties } = member;
  const given = Object.entries(Object(value));
  return (
    required.every((name) => Object.hasOwn(Object(value), name)) &&
    given.every(([name, part]) => {
      const below = properties[name];
      if (!below) return additionalProperties !== false;
      return !below.enum || below.enum.includes(part) || typeOf(below.enum[0]) !== typeOf(part);
    })
  );
}

/** As much of JSON Schema as the published ones use. */
export type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly definitions?: Readonly<Record<string, Schema>>;
};

/** A published schema is trusted to be one. */
function asSchema(value: unknown): Schema {
  return value as Schema;
}

export type Key = {
  /** `accounts[].actions[].kind` */
  readonly path: string;
  readonly required: boolean;
  readonly type: string;
  readonly initial?: string;
  readonly description: string;
};

export type KeysOptions = {
  /** Last steps of paths (`actions[]`) below which keys are listed, too. */
  readonly opened?: readonly string[];
};

/** The keys of the objects that a schema describes, in its order. */
export function keysOf(root: unknown, { opened = [] }: KeysOptions): readonly Key[] {
  const definitions = asSchema(root).definitions ?? {};
  const resolve = (schema: Schema): Schema => {
    const name = schema.$ref?.split('/').at(-1);
    const target = name === undefined ? undefined : definitions[name];
    const whole = target ? { ...resolve(target), ...schema } : schema;
    return (whole.allOf ?? []).reduce<Schema>((all, part) => merge(all, resolve(part)), whole);
  };
  const visit = (schema: Schema, before: string): readonly Key[] =>
    Object.entries(schema.properties ?? {}).flatMap(([name, given]) => {
      const property = resolve(given);
      const step = property.items ? `${name}[]` : name;
      const below = property.items ? resolve(property.items) : property;
      const key: Key = {
        path: `${before}${step}`,
        required: schema.required?.includes(name) === true,
        type: typeOf(property, resolve),
        ...(property.default !== undefined && { initial: JSON.stringify(property.default) }),
        description: property.description ?? below.description ?? '',
      };
      return [key, ...(opened.includes(step) ? visit(below, `${before}${step}.`) : [])];
    });
  return visit(resolve(asSchema(root)), '');
}

function merge(a: Schema, b: Schema): Schema {
  return {
    ...a,
    ...b,
    properties: { ...a.properties, ...b.properties },
    required: [...(a.required ?? []), ...(b.required ?? [])],
  };
}

/** Text without its quotes. */
const jsonOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function typeOf(schema: Schema, resolve: (schema: Schema) => Schema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${jsonOf(value)}\``).join(', ');
  if (schema.const !== undefined) return `\`${jsonOf(schema.const)}\``;
  const choices = schema.type === undefined ? (schema.anyOf ?? schema.oneOf) : undefined;
  if (choices) return [...new Set(choices.map((choice) => typeOf(resolve(choice), resolve)))].join(' or ');
  if (schema.items) return 'list';
  const { type } = schema;
  return typeof type === 'string' ? type : (type ?? []).join(' or ');
}

/** The contexts of a workflow: `github`, `matrix`, `secrets`, … */
export type Contexts = Readonly<Record<string, unknown>>;

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|'((?:[^']|'')*)'|([A-Za-z_][\w-]*)|(&&|\|\||==|!=|[!().[\],*]))/y;

/** Replaces each `${{ … }}` as GitHub does. */
export function interpolate(text: string, contexts: Contexts): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_, inner: string) => asText(evaluate(inner, contexts)));
}

/** Evaluates paths, literals, comparison, logic and status functions. Throws for any other expression. */
export function evaluate(text: string, contexts: Contexts): unknown {
  const parser = new Parser(tokensOf(text.replace(/^\s*\$\{\{(.*)\}\}\s*$/s, '$1')), contexts);
  const value = parser.or();
  parser.end();
  return value;
}

export function isTrue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== 0 && value !== false;
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error('an object cannot be made text');
}

type Token = { readonly kind: 'number' | 'text' | 'word' | 'sign'; readonly text: string };

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  while (text.slice(pattern.lastIndex).trim() !== '') {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match) throw new Error(`cannot read the expression ${text} from ${at}`);
    const [, number, quoted, word, sign] = match;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replaceAll("''", "'") });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else tokens.push({ kind: 'sign', text: sign ?? '' });
  }
  return tokens;
}

function called(name: string, args: readonly unknown[]): unknown {
  const [first, second] = args;
  switch (name) {
    case 'always':
      return true;
    case 'cancelled':
      return false;
    case 'contains':
      return Array.isArray(first) ? first.includes(second) : asText(first).includes(asText(second));
    case 'fromJSON':
      return JSON.parse(asText(first)) as unknown;
    default:
      throw new Error(`the function ${name} is not known here`);
  }
}

class Parser {
  #at = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly contexts: Contexts,
  ) {}

  or(): unknown {
    let value = this.#and();
    while (this.#take('||')) {
      const other = this.#and();
      value = isTrue(value) ? value : other;
    }
    return value;
  }

  end(): void {
    if (this.#at < this.tokens.length) throw new Error(`unexpected ${this.tokens[this.#at]?.text ?? ''}`);
  }

  #and(): unknown {
    let value = this.#equality();
    while (this.#take('&&')) {
      const other = this.#equality();
      value = isTrue(value) ? other : value;
    }
    return value;
  }

  #equality(): unknown {
    const value = this.#unary();
    if (this.#take('==')) return asText(value) === asText(this.#unary());
    if (this.#take('!=')) return asText(value) !== asText(this.#unary());
    return value;
  }

  #unary(): unknown {
    return this.#take('!') ? !isTrue(this.#unary()) : this.#primary();
  }

  #primary(): unknown {
    if (this.#take('(')) {
      const value = this.or();
      this.#need(')');
      return value;
    }
    const token = this.tokens[this.#at++];
    if (token?.kind === 'number') return Number(token.text);
    if (token?.kind === 'text') return token.text;
    if (token?.kind !== 'word') throw new Error(`unexpected ${token?.text ?? 'end'}`);
    if (token.text === 'true' || token.text === 'false') return token.text === 'true';
    if (this.#take('(')) return this.#path(called(token.text, this.#arguments()));
    if (!(token.text in this.contexts)) throw new Error(`the context ${token.text} is not known here`);
    return this.#path(this.contexts[token.text]);
  }

  #path(start: unknown): unknown {
    let value = start;
    for (;;) {
      if (this.#take('.')) {
        // `.*.NAME`: this member of each item.
        if (this.#take('*')) {
          this.#need('.');
          const name = this.tokens[this.#at++]?.text ?? '';
          value = Object.values(value as object).map((item) => memberOf(item, name));
        } else value = memberOf(value, this.tokens[this.#at++]?.text ?? '');
      } else if (this.#take('[')) {
        value = memberOf(value, asText(this.or()));
        this.#need(']');
      } else return value;
    }
  }

  #arguments(): readonly unknown[] {
    const values: unknown[] = [];
    if (this.#take(')')) return values;
    do values.push(this.or());
    while (this.#take(','));
    this.#need(')');
    return values;
  }

  #take(sign: string): boolean {
    const token = this.tokens[this.#at];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    this.#at += 1;
    return true;
  }

  #need(sign: string): void {
    if (!this.#take(sign)) throw new Error(`${sign} is missing`);
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

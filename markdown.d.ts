/** A page of the documentation, as text: the build embeds it. */
declare module '*.md' {
  const text: string;
  export = text;
}

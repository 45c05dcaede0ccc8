/** The text format of PostgreSQL's COPY: a row in a line, values between tabs, each as its type writes it. */

const LETTERS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** The values of a line; null: SQL's null. */
export const readLine = (line: string): Array<string | null> =>
  line
    .split('\t')
    .map(value =>
      value === String.raw`\N` ? null : value.replaceAll(/\\(.)/gs, (_, one: string) => LETTERS[one] ?? one),
    )

import { Failure } from './failure.ts'

// One function for each language that values are written into. The parser of that language reads back exactly the given text.

/** One argument for a POSIX shell. */
export const quoteShell = (text: string): string =>
  /^[\w./:=@%+-]+$/.test(text) ? text : `'${refuse(text, /\0/).replaceAll("'", `'\\''`)}'`

/** One argument in PostgreSQL's restore_command or archive_command: PostgreSQL replaces % before a shell reads the rest. */
export const quoteRestoreCommand = (text: string): string => quoteShell(text).replaceAll('%', '%%')

/** The value of a key in pgBackRest's configuration, which is read to the end of the line and has no quotes. */
export const iniValue = (text: string): string => refuse(text, /[\p{Cc}\u2028\u2029]|^\s|\s$|^$/u)

/** A value in a libpq connection string. A comma in a host or port still separates two values. */
export const quoteConninfo = (text: string): string =>
  `'${refuse(text, /\0/).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** A name in SQL. */
export const quoteSqlName = (name: string): string => `"${refuse(name, /\0|^$/).replaceAll('"', '""')}"`

/** A text in SQL, for sessions with `standard_conforming_strings`. */
export const quoteSqlText = (text: string): string => `'${refuse(text, /\0/).replaceAll("'", "''")}'`

/** A field of a pgpass file: host, port, database, user or password. */
export const pgpassField = (text: string): string =>
  refuse(text, /[\0\r\n]/)
    .replaceAll('\\', '\\\\')
    .replaceAll(':', '\\:')

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
}

/** Text that says itself in HTML and XML. What XML cannot hold, such as control characters, is left out. */
export const escapeXml = (text: string): string =>
  text
    .replaceAll(/[^\t\n\r -\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll(/[&<>"']/g, letter => ENTITIES[letter]!)

/** Refuses a text that cannot be written in the language. The failure does not repeat it, because it may be a secret. */
function refuse(text: string, impossible: RegExp): string {
  if (!impossible.test(text)) return text
  throw new Failure('text.refused', 'a value cannot be written into a configuration', {
    why: 'it has a line break or a control character, a space at one of its ends, or it is empty',
    fix: 'correct the value in innkeeper.yaml, or give it anew: `inn deploy --env-file FILE`',
  })
}

import { stripVTControlCharacters } from 'node:util'

const TELLS = /error|fail|fatal|cannot|can't|unable|exception|not found|refused|denied|✘|✖/i
/** Says that there was none, warns only, or reports what it will do next. */
const HARMLESS = /\b(0|no|without) (errors?|fail)|\bwarn(ing)?\b|deprecat/i
/** Places inside packages and Node.js, and what package managers say after every failure. */
const NOISE =
  /^\s+at .*(node:internal|node_modules|\(?node:)|^npm (error|ERR!)( A complete log.*| Run "npm help.*|\s*\/.*\.log)?$|^npm (notice|warn)|^Node\.js v\d/i

/** What commands a terminal, or shows text in another order than it has: all but the tab and the end of a line. */
const COMMANDS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g
/** Those that `paint` in cli/terminal.ts makes. Others could hide text. */
const COLOUR = /(\u001b\[(?:0|1|2|22|3[12346]|39)m)/

/** Without colours, cursor movements and whatever else commands a terminal: for logs and for sentences. */
export const plain = (text: string): string => stripVTControlCharacters(text).replaceAll(COMMANDS, '')

/** The same with its colours: for text that we coloured ourselves. */
export const coloured = (text: string): string =>
  text
    .split(COLOUR)
    .map((part, i) => (i % 2 === 1 ? part : plain(part)))
    .join('')

/** JSON that commands nothing where a terminal shows it. The format itself asks only for some of this. */
export const jsonText = (value: unknown, indent = 2): string =>
  JSON.stringify(value, null, indent).replaceAll(
    COMMANDS,
    sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** The lines of a failed program's output that say why: from the first that speaks of an error, at most `most`, and the end. */
export function telling(output: string, most = 12): string {
  const lines = plain(output)
    .split(/\r?\n/)
    .map(line => line.trimEnd())
    .filter(line => line !== '' && !NOISE.test(line))
  const first = lines.findIndex(line => TELLS.test(line) && !HARMLESS.test(line))
  if (first === -1 || lines.length - first <= most) return lines.slice(-most).join('\n')
  const head = lines.slice(first, first + most - 3)
  return [...head, '…', ...lines.slice(-2)].join('\n')
}

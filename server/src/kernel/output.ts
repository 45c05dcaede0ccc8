import { stripVTControlCharacters } from 'node:util'

const TELLS = /error|fail|fatal|cannot|can't|unable|exception|not found|refused|denied|✘|✖/i
/** Lines that contain `error` and report none: no errors, warnings, deprecations. */
const HARMLESS = /\b(0|no|without) (errors?|fail)|\bwarn(ing)?\b|deprecat/i
/** Lines without information: stack frames in packages and Node.js, and what package managers print after every failure. */
const NOISE =
  /^\s+at .*(node:internal|node_modules|\(?node:)|^npm (error|ERR!)( A complete log.*| Run "npm help.*|\s*\/.*\.log)?$|^npm (notice|warn)|^Node\.js v\d/i

/** Characters that control a terminal or change the order of text. Tab and newline are not among them. */
const COMMANDS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g
/** The colours that `paint` in cli/terminal.ts uses. Others could hide text. */
const COLOUR = /(\u001b\[(?:0|1|2|22|3[12346]|39)m)/

/** The text without colours, cursor movements and other control characters: for logs and sentences. */
export const plain = (text: string): string => stripVTControlCharacters(text).replaceAll(COMMANDS, '')

/** The same, but with its colours: for text that we coloured ourselves. */
export const coloured = (text: string): string =>
  text
    .split(COLOUR)
    .map((part, i) => (i % 2 === 1 ? part : plain(part)))
    .join('')

/** JSON with all control characters escaped, so that it is safe in a terminal. The format itself escapes only some of them. */
export const jsonText = (value: unknown, indent = 2): string =>
  JSON.stringify(value, null, indent).replaceAll(
    COMMANDS,
    sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** The lines of a failed program's output that say why: at most `most`, from the first that mentions an error, and the end. */
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

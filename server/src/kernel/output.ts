import { stripVTControlCharacters } from 'node:util'

const TELLS = /error|fail|fatal|cannot|can't|unable|exception|not found|refused|denied|✘|✖/i
/** Says that there was none, warns only, or reports what it will do next. */
const HARMLESS = /\b(0|no|without) (errors?|fail)|\bwarn(ing)?\b|deprecat/i
/** Places inside packages and Node.js, and what package managers say after every failure. */
const NOISE =
  /^\s+at .*(node:internal|node_modules|\(?node:)|^npm (error|ERR!)( A complete log.*| Run "npm help.*|\s*\/.*\.log)?$|^npm (notice|warn)|^Node\.js v\d/i

/** Without colours and cursor movements: for logs and for sentences. */
export const plain = (text: string): string => stripVTControlCharacters(text)

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

import { basename, posix } from 'node:path'
import type { Source } from '../../kernel/source.ts'

/** Options of Node.js whose value is the next word. */
const WITH_VALUE = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
  '-C',
  '--conditions',
])
/** With these there is no file: the program itself stands in the line. */
const WITHOUT_FILE = new Set(['-e', '--eval', '-p', '--print', '--test', '--run', '-v', '--version', '-'])
const INTERPRETERS = new Set(['node', 'tsx', 'ts-node', 'sh', 'bash'])

/**
 * The file that a command runs, from the folder where it runs; null: it names none that could be looked for. A program
 * that a package brings is not looked for: the install makes it.
 */
export function entryOf(argv: readonly string[]): string | null {
  const [program = '', ...words] = argv
  const file = INTERPRETERS.has(basename(program))
    ? fileAmong(words)
    : program.startsWith('./') || /^[\w.-]+\/.*\.[cm]?js$/.test(program)
      ? program
      : undefined
  if (file === undefined || file.startsWith('/') || /\$|(^|\/)node_modules\//.test(file)) return null
  return posix.normalize(file)
}

function fileAmong(words: readonly string[]): string | undefined {
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (WITHOUT_FILE.has(word) || word === '-c') return undefined
    if (WITH_VALUE.has(word)) i++
    else if (!word.startsWith('-') && !(i === 0 && word === 'watch')) return word
  }
  return undefined
}

/** The script of package.json that a command runs; null: it runs none. */
export function scriptOf(argv: readonly string[]): string | null {
  const [program = '', ...words] = argv
  if (!['npm', 'pnpm', 'yarn'].includes(program)) return null
  const [first, second] = words
  if (first === 'run' || first === 'run-script') return second ?? null
  return first === 'start' ? first : null
}

/** Whether Node.js would find the file of a command: as it stands, with an ending, or as a folder with an index. */
export async function entryThere(source: Source, path: string): Promise<boolean> {
  for (const ending of ['', '.js', '.json', '.node', '/index.js', '/package.json'])
    if (await source.has(`${path}${ending}`)) return ending !== '' || (await isFile(source, path))
  return false
}

/** A folder alone is no program. */
async function isFile(source: Source, path: string): Promise<boolean> {
  const names = await source.names(path).catch(() => null)
  return names === null || names.includes('index.js') || names.includes('package.json')
}

const MOST_LOOKED_AT = 2_000
const DEEPEST = 6

/** Files below the top folder of a missing entry that have its name: where the build may have put it instead. */
export async function candidates(source: Source, root: string, entry: string): Promise<string[]> {
  const name = basename(entry).replace(/\.[cm]?js$/, '')
  const top = entry.includes('/') ? entry.split('/')[0]! : '.'
  const found: string[] = []
  let level = [posix.join(root, top)]
  let seen = 0
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
    const next: string[] = []
    for (const folder of level) {
      const names = (await source.names(folder).catch(() => null)) ?? []
      seen += names.length
      if (seen > MOST_LOOKED_AT) return found
      for (const one of names.sort()) {
        if (/\.[cm]?js$/.test(one) && one.replace(/\.[cm]?js$/, '') === name)
          found.push(posix.relative(root, posix.join(folder, one)))
        else if (!one.includes('.') && one !== 'node_modules') next.push(posix.join(folder, one))
      }
    }
    level = next
  }
  return found.slice(0, 5)
}

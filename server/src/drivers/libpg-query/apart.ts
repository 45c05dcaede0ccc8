import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ParsedFile, SqlParser, Uses } from '../../apps/lint/op.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { exec } from '../host/exec.ts'
import { programBeside } from '../host/program.ts'
import type { Question } from './program.ts'

const PROGRAM = programBeside(import.meta, 'program')
const PROJECT = join(import.meta.dirname, '../../../..')
/** Where npm put the packages: beside us, or above where we are a package ourselves. */
const PACKAGES = fileURLToPath(import.meta.resolve('libpg-query')).replace(
  /(?<=\/node_modules\/)libpg-query\/.*$/,
  '',
)
/** Trees of a megabyte of SQL take some 100 MB. */
const MOST_MEMORY = 768 * 1024 ** 2
const ANSWER_MS = 20_000

/**
 * SQL is read in a process of its own: it comes from an app's repository, and what it takes must not be taken from the
 * keeper. The process may read our own files, and do nothing else to the machine.
 */
export const sqlParser: SqlParser = {
  parse: async texts => (await ask({ do: 'parse', texts })) as ParsedFile[],
  uses: async texts => (await ask({ do: 'uses', texts })) as Array<Uses | null>,
}

async function ask(question: Question): Promise<unknown> {
  if (question.texts.length === 0) return []
  const readable = [join(PROJECT, 'server'), join(PROJECT, 'package.json'), PACKAGES]
  const done = await exec({
    argv: [
      process.execPath,
      ...['--disable-warning=ExperimentalWarning', '--max-old-space-size=384', '--permission'],
      ...readable.map(path => `--allow-fs-read=${path}`),
      PROGRAM,
    ],
    env: {},
    input: JSON.stringify(question),
    memoryBytes: MOST_MEMORY,
    timeoutMs: ANSWER_MS,
  })
  const said = done.code === 0 ? whole(done.stdout) : null
  if (said !== null) return said
  throw new Failure('lint.unreadable', 'the SQL of the migrations cannot be read', {
    why: `the program that reads it ended with ${done.code ?? done.signal}\n${telling(done.tail)}`,
    fix: 'it may be too large, or nested too deeply: split the file',
  })
}

/** What is too long comes cut off. null: it is not whole. */
function whole(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

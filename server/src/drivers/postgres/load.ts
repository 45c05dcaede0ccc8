import { hash } from 'node:crypto'
import { join } from 'node:path'
import { databaseIn } from '../../apps/databases/url.ts'
import type { Command } from '../../apps/releases/runner.ts'
import type { Counted } from '../../data/backups/point.ts'
import type { Elsewhere } from '../../data/restores/elsewhere.ts'
import { Failure } from '../../kernel/failure.ts'
import { exec } from '../host/exec.ts'
import { clientTool, libpqEnv, listeningAt, majorOf } from './dump.ts'
import { whilePostgresAnswers } from './frozen.ts'

const LONGEST_MS = 24 * 3_600_000

/** Reads and loads the file of a `pg_dump` with the tools of the server's major. Passwords are in the environment. */
export const dumpFiles: Pick<Elsewhere, 'fits' | 'load' | 'compare'> = {
  async fits(url, file) {
    const major = await majorOf(url)
    const argv = [await clientTool('pg_restore', major), '--list', file]
    const { code, stdout, tail } = await exec({ argv, env: libpqEnv(url), timeoutMs: LONGEST_MS })
    const from = /^; +Dumped from database version: (\d+)/m.exec(stdout)?.[1]
    if (/unsupported version/.test(tail) || Number(from) > major) throw newer(from ?? 'a newer one', major)
    if (code !== 0 || from === undefined) throw failed('restore.dump', 'the dump cannot be read', tail)
    return `of PostgreSQL ${from}, into ${major}`
  },

  async load({ url, file, scratch, signal }) {
    const tool = await clientTool('pg_restore', await majorOf(url))
    const { code, tail } = await whilePostgresAnswers(listeningAt(url), signal, over =>
      exec({
        argv: [tool, '--exit-on-error', '--jobs=2', '--no-password', `--dbname=${databaseIn(url)}`, file],
        env: libpqEnv(url),
        timeoutMs: LONGEST_MS,
        pidFile: join(scratch, 'load.pid'),
        signal: over,
      }),
    )
    if (code === 0) return
    throw /No space left|could not extend file/i.test(tail)
      ? failed('backup.space', 'the disk of the server of the database is full', tail, 'give it more room')
      : failed('restore.load', 'the dump could not be loaded beside what is there', tail)
  },

  async compare({ url, file, scratch, signal }) {
    const major = await majorOf(url)
    const [restore, dump] = await Promise.all([clientTool('pg_restore', major), clientTool('pg_dump', major)])
    return whilePostgresAnswers(listeningAt(url), signal, async over => {
      const more = { env: libpqEnv(url), timeoutMs: LONGEST_MS, signal: over }
      const reading = [dump, '--data-only', '--no-password']
      const [ofDump, ofDatabase] = await Promise.all([
        counted({
          ...more,
          argv: [restore, '--data-only', '--file=-', file],
          pidFile: join(scratch, 'dump.pid'),
        }),
        counted({ ...more, argv: reading, pidFile: join(scratch, 'read.pid') }),
      ])
      return { dump: ofDump, database: ofDatabase }
    })
  },
}

async function counted(command: Command): Promise<Record<string, Counted>> {
  const { tables, onLine } = counting()
  const { code, tail } = await exec({ ...command, onLine })
  if (code !== 0) throw failed('restore.compare', 'the restored data could not be read again', tail)
  return Object.fromEntries(
    [...tables].map(([name, { rows, sum }]) => [name, { rows, hash: sum.toString() }]),
  )
}

/** Lines of the tool itself come on standard error and may appear between rows. */
const SAID = /^pg_(dump|restore): /
const TABLE = /^COPY ((?:"(?:[^"]|"")*"|[^\s"(])+) .*FROM stdin;$/

/** Counts the rows of each table in a dump's script and sums their hashes: the order of rows does not matter. */
export function counting() {
  const tables = new Map<string, { rows: number; sum: bigint }>()
  let table: { rows: number; sum: bigint } | null = null
  const onLine = (line: string): void => {
    if (SAID.test(line)) return
    if (line === '\\.') table = null
    else if (table !== null) {
      table.rows++
      table.sum += hash('sha256', line, 'buffer').readBigUInt64LE()
    } else {
      const name = TABLE.exec(line)?.[1]
      if (name === undefined) return
      table = { rows: 0, sum: 0n }
      tables.set(name, table)
    }
  }
  return { tables, onLine }
}

const newer = (from: string, major: number): Failure =>
  new Failure(
    'restore.version',
    `the dump is of PostgreSQL ${from}, and the server of the database is ${major}`,
    {
      why: 'an older server does not understand what a newer one holds',
      fix: 'give the app a server of that version or a newer one, or choose an older dump: `inn backup list`',
    },
  )

/** Lines that quote rows are left out: more people may read failures than may read rows. */
function failed(code: string, what: string, output: string, fix = 'correct what it names'): Failure {
  const lines = output.split('\n').filter(line => SAID.test(line))
  return new Failure(code, what, {
    why: lines.slice(-12).join('\n') || 'it did not say why',
    fix: `${fix}, then restore again; nothing that serves was changed`,
  })
}

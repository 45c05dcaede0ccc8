import { join } from 'node:path'
import type { Login } from '../../apps/databases/cluster.ts'
import type { Command } from '../../apps/releases/runner.ts'
import type { Rows } from '../../data/tables/rows.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import type { Account } from '../../servers/confinement/account.ts'
import { execOk } from '../host/exec.ts'
import { execInto } from '../host/pipe.ts'
import { whilePostgresAnswers } from './frozen.ts'
import { environment, listening, reach } from './login.ts'

const LONGEST_MS = 24 * 3_600_000
const DEFINITION_MS = 5 * 60_000

/** A name in the patterns of pg_dump. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

export interface Session {
  at: Login
  database: string
  settings: Readonly<Record<string, string>>
  signal: AbortSignal
}

/** Moves rows in bulk with `copy`, between two psql processes or into a file. */
export function postgresRows(account: () => Promise<Account | null>): Rows {
  const psql = async (session: Session, args: readonly string[], pidFile: string): Promise<Command> =>
    psqlCommand(await account(), session, { args, pidFile })

  return {
    async move({ from, to, select, into, scratch, ...shared }) {
      const reading = ['--command', `copy (${select}) to stdout`]
      const writing = ['--command', `copy ${into} from stdin`]
      const [reader, writer] = await Promise.all([
        psql({ at: from, ...shared }, reading, join(scratch, 'read.pid')),
        psql({ at: to, ...shared }, writing, join(scratch, 'write.pid')),
      ])
      const done = await whilePostgresAnswers(listening(from), shared.signal, signal =>
        whilePostgresAnswers(listening(to), signal, over =>
          execInto({ ...reader, signal: over }, { ...writer, signal: over }, 'reading rows of the copy'),
        ),
      )
      if (done.code !== 0) throw failed(done.tail)
    },

    async definition({ from: at, schema, name, database, settings, signal }) {
      const user = await account()
      const section = async (which: 'pre-data' | 'post-data'): Promise<string> => {
        const { stdout } = await execOk(
          {
            argv: [
              join(at.bin, 'pg_dump'),
              ...['--schema-only', '--no-owner', '--no-privileges', '--no-publications'],
              ...[`--section=${which}`, `--table=${quoted(schema)}.${quoted(name)}`],
              ...reach(at),
              database,
            ],
            user,
            cwd: '/',
            env: { ...environment(at, settings), PGAPPNAME: settings['application_name'] ?? 'innkeeper' },
            timeoutMs: DEFINITION_MS,
            signal,
          },
          'reading how the table was defined',
        )
        // Commands of psql, which newer versions write around the SQL.
        return stdout.replaceAll(/^\\(un)?restrict \w+$/gm, '')
      }
      return whilePostgresAnswers(listening(at), signal, async () => ({
        before: await section('pre-data'),
        after: await section('post-data'),
      }))
    },

    async csv({ from, select, scratch, ...shared }) {
      const file = join(scratch, 'rows.csv')
      const args = ['--output', file, '--command', `copy (${select}) to stdout with (format csv, header)`]
      const command = await psql({ at: from, ...shared }, args, join(scratch, 'read.pid'))
      await whilePostgresAnswers(listening(from), shared.signal, signal =>
        execOk({ ...command, signal }, 'writing the CSV'),
      )
      return file
    },
  }
}

export function psqlCommand(
  user: Account | null,
  session: Session,
  { args, pidFile }: Pick<Command, 'pidFile'> & { args: readonly string[] },
): Command {
  const { at, database, settings, signal } = session
  return {
    argv: [
      join(at.bin, 'psql'),
      ...['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1'],
      ...reach(at),
      ...['--dbname', database],
      ...args,
    ],
    user,
    cwd: '/',
    // Without PGAPPNAME, psql sets its own application_name, which overrides the option.
    env: { ...environment(at, settings), PGAPPNAME: settings['application_name'] ?? 'innkeeper' },
    timeoutMs: LONGEST_MS,
    ...(pidFile === undefined ? {} : { pidFile }),
    signal,
  }
}

const failed = (output: string): Failure =>
  new Failure('table.transfer', 'the rows of the copy could not be loaded into the scratch schema', {
    why: telling(output),
    fix: '`inn logs APP --service postgres`, and `df -h`; nothing of the app was changed',
  })

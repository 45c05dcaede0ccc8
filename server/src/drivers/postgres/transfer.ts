import { join } from 'node:path'
import pg from 'pg'
import type { Login } from '../../apps/databases/cluster.ts'
import { SALT } from '../../apps/masks/rule-kinds.ts'
import type { Transfer } from '../../apps/masks/transfer.ts'
import type { Command, Finished } from '../../apps/releases/runner.ts'
import { Failure } from '../../kernel/failure.ts'
import { plain } from '../../kernel/output.ts'
import type { Account } from '../../servers/confinement/account.ts'
import { execInto } from '../host/pipe.ts'
import { whilePostgresAnswers } from './frozen.ts'
import { environment, listening, reach } from './login.ts'
import { psqlCommand } from './rows.ts'

const LONGEST_MS = 24 * 3_600_000

/** Deploys wait for sessions with this name before they change the database that is read. */
const READER = { application_name: 'pg_dump' }

/** Longest wait for a table of the source that something has locked. */
const LOCK_WAIT = '60s'

type Side = Login & { database: string }

/**
 * Between two databases, with the tools of the newer server. What pg_dump writes goes through pg_restore and never
 * through psql: names are the app's, and psql takes what begins with a backslash for commands of its own.
 */
export function postgresTransfer(account: () => Promise<Account | null>): Transfer {
  const piped = async (
    from: Command,
    into: Command,
    { from: at, to, signal }: Parties,
  ): Promise<Finished> => {
    const done = await whilePostgresAnswers(listening(at), signal, first =>
      whilePostgresAnswers(listening(to), first, over =>
        execInto({ ...from, signal: over }, { ...into, signal: over }, 'reading the database that is copied'),
      ),
    ).catch((error: unknown) => {
      signal.throwIfAborted()
      throw error instanceof Failure && error.code === 'exec.failed' ? failed(error.why ?? '') : error
    })
    if (done.code !== 0) throw failed(done.tail)
    return done
  }

  return {
    async define({ from, to, section, snapshot, signal }) {
      const user = await account()
      const tool = (name: string, at: Side, args: readonly string[], settings = {}): Command => ({
        argv: [
          join(to.bin, name),
          ...reach(at),
          `--section=${section}`,
          '--no-owner',
          '--no-privileges',
          ...args,
        ],
        user,
        cwd: '/',
        env: { ...environment(at, settings), PGAPPNAME: READER.application_name },
        timeoutMs: LONGEST_MS,
      })
      const dump = tool('pg_dump', from, [
        ...['--format=custom', '--compress=0', `--snapshot=${snapshot}`, `--lock-wait-timeout=${LOCK_WAIT}`],
        ...['--no-publications', '--no-subscriptions', '--no-tablespaces', '--no-security-labels'],
        ...['--dbname', from.database],
      ])
      const load = tool('pg_restore', to, ['--exit-on-error', '--dbname', to.database])
      await piped(dump, load, { from, to, signal })
    },

    async rows({ from, to, select, into, salt, snapshot, signal }) {
      const user = await account()
      const bare = ['--set=VERBOSITY=terse']
      const session = (at: Side, settings: Record<string, string>) => ({
        at: { ...at, bin: to.bin },
        ...{ database: at.database, settings, signal },
      })
      const statements = [
        'begin isolation level repeatable read read only',
        `set transaction snapshot ${pg.escapeLiteral(snapshot)}`,
        `copy (${select}) to stdout`,
      ]
      const reading = statements.flatMap(text => ['--command', text])
      const reader = psqlCommand(user, session(from, { ...READER, lock_timeout: LOCK_WAIT, [SALT]: salt }), {
        args: [...bare, ...reading],
      })
      // Without --quiet it says how many rows it took.
      const writing = psqlCommand(user, session(to, {}), {
        args: [...bare, '--command', `copy ${into} from stdin`],
      })
      const writer = { ...writing, argv: writing.argv.filter(word => word !== '--quiet') }
      const { stdout } = await piped(reader, writer, { from, to, signal })
      return Number(/^COPY (\d+)$/m.exec(stdout)?.[1] ?? 0)
    },
  }
}

interface Parties {
  from: Login
  to: Login
  signal: AbortSignal
}

/** Messages without a value in them. Others quote what could not be read, and more people read failures than rows. */
const TELLING =
  /violates|could not create unique index|too long for type|permission denied|does not exist|already exists|must be (?:owner|superuser)|row-level security|lock timeout|No space left|could not (?:extend|connect)|not supported|canceling statement|server closed/

function failed(output: string): Failure {
  const lines = plain(output)
    .split('\n')
    .flatMap(line => /ERROR: .*|error: .*|FATAL: .*/.exec(line)?.[0] ?? [])
    .filter(line => TELLING.test(line))
  return new Failure('preview.copy', 'the copy of the database did not succeed', {
    why: lines.slice(0, 5).join('\n') || 'a value or a definition was refused',
    fix: '`inn logs` of the two databases (--service postgres) say what was refused; where a masked value breaks a rule of the table, choose another kind below `mask:`. The database of the preview is empty again',
  })
}

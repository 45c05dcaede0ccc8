import { join } from 'node:path'
import type { Command, Finished } from '../../apps/releases/runner.ts'
import type { Place } from '../../data/places/place.ts'
import { exec, execOk } from '../host/exec.ts'
import { whilePostgresAnswers } from '../postgres/frozen.ts'
import { type ConfFiles, clusterOf, type Options } from './files.ts'
import { type Info, readInfo, refused } from './says.ts'

/** Longest backup or restore: both handle all data, so a shorter time is no sign of trouble. */
export const LONGEST_MS = 24 * 3_600_000
const QUICK_MS = 180_000

export type Calls = ReturnType<typeof createCalls>
interface Order extends Partial<Command> {
  argv: readonly string[]
  /** It asks the cluster, which may be frozen. */
  asks?: true
}

/** Calls of pgBackRest. All run as the user of PostgreSQL, who owns the configuration. */
export function createCalls(options: Options, files: ConfFiles) {
  async function run({ asks, ...command }: Order): Promise<Finished> {
    const { passFile, socketFolder: host, port } = await clusterOf(options)
    const user = await options.account()
    const called = (more: Partial<Command>) =>
      exec({
        timeoutMs: QUICK_MS,
        ...command,
        ...more,
        argv: ['pgbackrest', `--stanza=${options.stanza}`, ...command.argv],
        user,
        cwd: '/',
        // pgBackRest names backups by the local time and refuses a name that is not later than the last one, so the time is UTC.
        env: { PGPASSFILE: passFile, LANG: 'C.UTF-8', TZ: 'UTC' },
      })
    // pgBackRest itself would wait for half an hour.
    return asks
      ? whilePostgresAnswers({ host, port }, command.signal, signal => called({ signal }))
      : called({})
  }

  async function ok(command: Order, place: Place, what: string): Promise<Finished> {
    const done = await run(command)
    if (done.code === 0) return done
    throw refused(place, what, done.tail)
  }

  /** The option that names the configuration of one place. */
  const at = (place: Place): string => `--config=${files.of(place)}`

  return {
    run,
    ok,
    at,
    /** The identifier that PostgreSQL gave the cluster when it was made. */
    async systemId(): Promise<string> {
      const { bin, data } = await clusterOf(options)
      const argv = [join(bin, 'pg_controldata'), '-D', data]
      const user = await options.account()
      const { stdout } = await execOk(
        { argv, user, cwd: '/', env: { LC_ALL: 'C' }, timeoutMs: QUICK_MS },
        'reading the identifier of the cluster',
      )
      return /^Database system identifier: +(\d+)/m.exec(stdout)?.[1] ?? ''
    },
    async info(place: Place): Promise<Info> {
      await files.ensure(place)
      const what = 'the list of backups cannot be read'
      const argv = ['info', at(place), '--output=json', '--log-level-console=off']
      const told = readInfo((await ok({ argv }, place, what)).stdout)
      if (typeof told === 'string') throw refused(place, what, told)
      return told
    },
  }
}

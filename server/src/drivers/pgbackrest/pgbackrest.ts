import { chown, rename, rm, symlink } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import type { Account } from '../../apps/app/account.ts'
import type { Command, Finished } from '../../apps/releases/runner.ts'
import type { ClusterPlace } from '../../data/databases/cluster.ts'
import type { Place } from '../../data/places/place.ts'
import type { Archive, Physical, RestoreOrder } from '../../data/repositories/physical.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Secret } from '../../kernel/secret.ts'
import { parseSize } from '../../kernel/sizes.ts'
import { inTurns } from '../../kernel/turns.ts'
import { exec } from '../host/exec.ts'
import { exists, giveFolder, makeFolder, writeDurable } from '../host/files.ts'
import { configuration, restoreCommand, STANZA, targetOptions } from './conf.ts'
import { findings, type Info, MADE, progressed, readInfo, refused, toBackup, unrestored } from './says.ts'

interface Options {
  /** Folder of its configuration and of what it keeps between calls. */
  at: string
  /** The user that PostgreSQL runs as; null: ours. */
  account: () => Promise<Account | null>
  cluster: () => Promise<ClusterPlace | null>
  /** Encrypts every place. */
  passphrase: () => Promise<Secret>
}

/** A backup reads all, and a restore writes all: nothing shorter is a sign of trouble. */
const LONGEST_MS = 24 * 3_600_000
const QUICK_MS = 180_000

/** pgBackRest as the engine of physical backups. Everything runs as the user of PostgreSQL, who owns the configuration. */
export function pgbackrest(options: Options): Physical {
  const { at } = options
  const conf = join(at, 'pgbackrest.conf')
  // A timer and a run may want the same at the same moment.
  const turn = inTurns()
  const handing = inTurns()

  const hand = (path: string, text: string): Promise<void> => handing(() => put(path, text))

  async function put(path: string, text: string): Promise<void> {
    const account = await options.account()
    // Readable by its owner alone from the first byte on, and replaced whole: the archive command reads it at any time.
    await writeDurable(`${path}.new`, text)
    if (account !== null) await chown(`${path}.new`, account.uid, account.gid)
    await rename(`${path}.new`, path)
  }

  const ownFolder = async (path: string): Promise<void> => giveFolder(path, await options.account(), 0o700)

  async function found(): Promise<ClusterPlace> {
    const place = await options.cluster()
    if (place !== null) return place
    throw new Failure('backup.no-cluster', 'there is no PostgreSQL here to back up', {
      why: 'no app with database: { postgres: true } was deployed',
      fix: 'nothing to do',
    })
  }

  /** The configuration for one place, beside that of the archive command, which names all of them. */
  const confOf = (place: Place): string => join(at, `pgbackrest.${place.name}.conf`)

  async function write(path: string, places: readonly Place[], work = at): Promise<void> {
    const cluster = await found()
    const lock = path === conf ? 'archive' : 'backup'
    await makeFolder(work)
    for (const part of ['log', 'lock', 'spool', join('lock', lock)]) await ownFolder(join(work, part))
    // A backup leaves half of the processors to those who are served; a restore is waited for.
    const processes = work === at ? Math.max(1, Math.floor(cpus().length / 2)) : cpus().length
    const passphrase = await options.passphrase()
    await hand(path, configuration({ places, cluster, passphrase, work, lock, processes }))
  }

  async function run(command: Partial<Command> & { argv: readonly string[] }): Promise<Finished> {
    const { passFile } = await found()
    return exec({
      timeoutMs: QUICK_MS,
      ...command,
      argv: ['pgbackrest', `--stanza=${STANZA}`, ...command.argv],
      user: await options.account(),
      cwd: '/',
      // Labels are times, and one that is not later than the last is refused: no clock change may turn them back.
      env: { PGPASSFILE: passFile, LANG: 'C.UTF-8', TZ: 'UTC' },
    })
  }

  async function ok(command: Parameters<typeof run>[0], place: Place, what: string): Promise<Finished> {
    const done = await run(command)
    if (done.code === 0) return done
    throw refused(place, what, done.tail)
  }

  const at1 = (place: Place): string => `--config=${confOf(place)}`

  async function info(place: Place): Promise<Info> {
    if (!(await exists(confOf(place)))) await write(confOf(place), [place])
    const { stdout } = await ok(
      { argv: ['info', at1(place), '--output=json', '--log-level-console=off'] },
      place,
      'the list of backups cannot be read',
    )
    const told = readInfo(stdout)
    if (typeof told === 'string') throw refused(place, 'the list of backups cannot be read', told)
    return told
  }

  async function prepare(place: Place): Promise<void> {
    if (place.kind === 'folder') {
      await makeFolder(place.path)
      await ownFolder(join(place.path, 'pgbackrest'))
    }
    await write(confOf(place), [place])
    // Asked first: making it wants the lock that a backup under way holds.
    const { repo } = await info(place)
    if (repo.length > 0 && repo.every(({ status }) => MADE.has(status.code))) return
    await ok({ argv: ['stanza-create', at1(place)] }, place, 'the place could not be made ready')
  }

  return {
    archiveCommand: () => `pgbackrest --config=${conf} --stanza=${STANZA} archive-push %p`,

    prepare: place => turn(() => prepare(place)),

    archiveTo: places => (places.length === 0 ? rm(conf, { force: true }) : write(conf, places)),

    async list(place) {
      const { backup } = await info(place)
      return backup.map(b => toBackup(place, b)).sort((a, b) => a.endedAt - b.endedAt)
    },

    async archive(place): Promise<Archive> {
      if (!(await exists(confOf(place)))) await write(confOf(place), [place])
      const argv = ['repo-ls', at1(place), '--recurse', `archive/${STANZA}`, '--log-level-console=error']
      const names = new Set<string>()
      const onLine = (line: string): void => {
        const name = /\/([0-9A-F]{24})-[0-9a-f]{40}/.exec(line)?.[1]
        if (name !== undefined) names.add(name)
      }
      // Line by line: a busy month has more of them than is kept of an output.
      await ok({ argv, onLine }, place, 'the archive cannot be listed')
      return { segments: [...names].sort() }
    },

    async take({ place, kind, signal, onProgress }) {
      await write(confOf(place), [place])
      const total = { bytes: 0, done: 0 }
      const done = await ok(
        {
          argv: ['backup', at1(place), `--type=${kind}`, '--log-level-console=detail'],
          timeoutMs: LONGEST_MS,
          signal,
          background: true,
          pidFile: join(at, 'backup.pid'),
          onLine: line => progressed(line, total, onProgress),
        },
        place,
        `the ${kind} backup failed`,
      )
      const label = /new backup label = (\S+)/.exec(done.tail)?.[1]
      if (label === undefined) throw refused(place, 'the backup ended without a label', done.tail)
      return label
    },

    async expire(place, labels, walOf) {
      for (const label of labels)
        await ok(
          { argv: ['expire', at1(place), `--set=${label}`], timeoutMs: LONGEST_MS },
          place,
          `${label} could not be removed`,
        )
      const keep = ['--repo1-retention-archive-type=incr', `--repo1-retention-archive=${walOf}`]
      await ok(
        { argv: ['expire', at1(place), ...keep], timeoutMs: LONGEST_MS },
        place,
        'old write-ahead log could not be removed',
      )
    },

    async verify(place, signal) {
      await write(confOf(place), [place])
      const done = await run({
        argv: ['verify', at1(place), '--output=text', '--verbose', '--log-level-console=detail'],
        timeoutMs: LONGEST_MS,
        background: true,
        ...(signal === undefined ? {} : { signal }),
      })
      return findings(done)
    },

    restore: order => restore(order),
  }

  async function restore(order: RestoreOrder): Promise<{ label: string; bytes: number }> {
    const { place, into, scratch } = order
    await rm(into, { recursive: true, force: true })
    await ownFolder(scratch)
    await ownFolder(into)
    const own = join(scratch, 'pgbackrest.conf')
    await write(own, [place], scratch)
    // A name of our own: that of a place may hold what a shell does not take as it stands.
    const received = join(scratch, 'received')
    await rm(received, { recursive: true, force: true })
    await ownFolder(received)
    for (const [n, folder] of (order.received ?? []).entries())
      await symlink(folder, join(received, String(n)))
    const databases = order.databases === null ? [] : await known(place, order)
    const total = { bytes: 0, done: 0 }
    const done = await run({
      argv: [
        'restore',
        `--config=${own}`,
        `--pg1-path=${into}`,
        '--archive-mode=off',
        `--recovery-option=restore_command=${restoreCommand(own, into, received)}`,
        '--log-level-console=detail',
        ...databases.map(name => `--db-include=${name}`),
        ...targetOptions(order.target),
      ],
      timeoutMs: LONGEST_MS,
      ...(order.signal === undefined ? {} : { signal: order.signal }),
      pidFile: join(scratch, 'restore.pid'),
      onLine: line => progressed(line, total, order.onProgress),
    })
    if (done.code !== 0) throw unrestored(place, done.tail)
    const label = /restore backup set (\S+?),/.exec(done.stdout)?.[1] ?? ''
    const size = /restore size = ([\d.]+ ?[KMGT]?B)/.exec(done.tail)?.[1]
    return { label, bytes: parseSize(size ?? '') ?? 0 }
  }

  /** A database younger than the backup is not in it, and comes with the write-ahead log: then all are restored. */
  async function known(place: Place, { target, databases }: RestoreOrder): Promise<readonly string[]> {
    const set = target.kind === 'backup' ? target.label : target.kind === 'latest' ? undefined : target.backup
    if (set == null) return []
    const argv = ['info', at1(place), `--set=${set}`, '--output=json', '--log-level-console=off']
    const { stdout } = await ok({ argv }, place, `${set} cannot be read`)
    const held = (JSON.parse(stdout) as Info[])[0]?.backup[0]?.['database-ref']?.map(d => d.name) ?? []
    // A database that changed places with another since: by its name, the wrong one would come back.
    const swapped = held.some(name => /_(before|restored)_\d{8}_\d{6}$/.test(name))
    return !swapped && databases!.every(name => held.includes(name)) ? databases! : []
  }
}

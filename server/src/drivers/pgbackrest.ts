import { chown, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from '../apps/account.ts'
import type { Archive, Physical, PhysicalBackup, RestoreOrder } from '../backups/physical.ts'
import { type Place, placeAddress } from '../backups/place.ts'
import type { Finding } from '../backups/snapshots.ts'
import type { ClusterPlace } from '../databases/cluster.ts'
import { Failure } from '../kernel/failure.ts'
import { plain, telling } from '../kernel/output.ts'
import type { Secret } from '../kernel/secret.ts'
import { parseSize } from '../kernel/sizes.ts'
import type { Command, Finished } from '../releases/runner.ts'
import { exec } from './exec.ts'
import { exists, makeFolder, writeDurable } from './files.ts'
import { configuration, STANZA, targetOptions } from './pgbackrest-conf.ts'

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

  async function hand(path: string, text: string): Promise<void> {
    const account = await options.account()
    // Readable by its owner alone from the first byte on, and replaced whole: the archive command reads it at any time.
    await writeDurable(`${path}.new`, text)
    if (account !== null) await chown(`${path}.new`, account.uid, account.gid)
    await rename(`${path}.new`, path)
  }

  async function ownFolder(path: string): Promise<void> {
    const account = await options.account()
    await mkdir(path, { recursive: true, mode: 0o700 })
    if (account !== null) await chown(path, account.uid, account.gid)
  }

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
    await hand(path, configuration({ places, cluster, passphrase: await options.passphrase(), work, lock }))
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
    const told = (JSON.parse(stdout) as Info[])[0]
    const problem = told?.repo.find(repo => !FINE.has(repo.status.code))?.status.message
    if (problem !== undefined) throw refused(place, 'the list of backups cannot be read', problem)
    return told ?? { archive: [], backup: [], repo: [] }
  }

  return {
    archiveCommand: () => `pgbackrest --config=${conf} --stanza=${STANZA} archive-push %p`,

    async prepare(places) {
      for (const place of places) {
        if (place.kind === 'folder') {
          await makeFolder(place.path)
          await ownFolder(join(place.path, 'pgbackrest'))
        }
        await write(confOf(place), [place])
        await ok({ argv: ['stanza-create', at1(place)] }, place, 'the place could not be made ready')
      }
      // Last: from here on every place must take each segment.
      await write(conf, places)
    },

    async list(place) {
      const { backup } = await info(place)
      return backup.map(b => toBackup(place, b)).sort((a, b) => a.endedAt - b.endedAt)
    },

    async archive(place): Promise<Archive> {
      if (!(await exists(confOf(place)))) await write(confOf(place), [place])
      const argv = ['repo-ls', at1(place), '--recurse', `archive/${STANZA}`, '--log-level-console=error']
      const { stdout } = await ok({ argv }, place, 'the archive cannot be listed')
      const names = stdout.matchAll(/\/([0-9A-F]{24})-[0-9a-f]{40}/g)
      return { segments: [...new Set([...names].map(([, name]) => name!))].sort() }
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
        argv: ['verify', at1(place), '--output=text', '--verbose'],
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
    const databases = order.databases === null ? [] : await known(place, order)
    const total = { bytes: 0, done: 0 }
    const done = await run({
      argv: [
        'restore',
        `--config=${own}`,
        `--pg1-path=${into}`,
        '--archive-mode=off',
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
    const all = await info(place)
    const until = target.kind === 'time' ? target.at : Number.POSITIVE_INFINITY
    const set =
      target.kind === 'backup'
        ? target.label
        : target.kind === 'point' && target.backup !== null
          ? target.backup
          : all.backup.filter(b => b.timestamp.stop * 1000 < until).at(-1)?.label
    if (set === undefined) return []
    const argv = ['info', at1(place), `--set=${set}`, '--output=json', '--log-level-console=off']
    const { stdout } = await ok({ argv }, place, `${set} cannot be read`)
    const held = (JSON.parse(stdout) as Info[])[0]?.backup[0]?.['database-ref']?.map(d => d.name) ?? []
    return databases!.every(name => held.includes(name)) ? databases! : []
  }
}

/** 0: ok; 1: no such stanza yet; 2: no backup yet. */
const FINE = new Set([0, 1, 2])

interface Info {
  archive: Array<{ id: string; min: string | null; max: string | null }>
  backup: InfoBackup[]
  repo: Array<{ status: { code: number; message: string } }>
}

interface InfoBackup {
  label: string
  type: 'full' | 'diff' | 'incr'
  prior: string | null
  timestamp: { start: number; stop: number }
  archive: { start: string; stop: string }
  info: { size: number; repository: { delta: number } }
  error: boolean
  'database-ref'?: Array<{ name: string }>
}

function toBackup(place: Place, b: InfoBackup): PhysicalBackup {
  return {
    label: b.label,
    kind: b.type,
    place: place.name,
    prior: b.prior,
    startedAt: b.timestamp.start * 1000,
    endedAt: b.timestamp.stop * 1000,
    bytes: b.info.size,
    storedBytes: b.info.repository.delta,
    firstSegment: b.archive.start,
    error: b.error,
  }
}

/** `backup file /…/1255 (768KB, 5.2%)`, `restore file /…/1255 (768KB, 5.2%)`: how far the bytes are. */
function progressed(
  line: string,
  total: { bytes: number; done: number },
  tell?: (progress: { doneBytes: number; totalBytes: number | null }) => void,
): void {
  const [, size, percent] = / file \S+ \(([\d.]+[KMGT]?B), ([\d.]+)%\)/.exec(line) ?? []
  if (size === undefined) return
  total.done += parseSize(size) ?? 0
  const share = Number(percent) / 100
  tell?.({ doneBytes: total.done, totalBytes: share > 0.01 ? Math.round(total.done / share) : null })
}

/** It exits 0 whatever it found: what it says is read, and what is not clearly good is a finding. */
function findings(done: Finished): Finding[] {
  const text = plain(done.stdout)
  const bad = text
    .split('\n')
    .flatMap(line => /invalid (?:checksum|result|size) (.*)$/.exec(line)?.[0] ?? [])
    .concat(text.split('\n').filter(line => /^\s+(No usable|.*status: invalid)/.test(line)))
    .map(line => ({ what: line.trim() }))
  if (bad.length > 0) return bad
  const sound =
    done.code === 0 && /^status: ok$/m.test(text) && !/(?:missing|other|invalid): [1-9]/.test(text)
  return sound ? [] : [{ what: `the check did not say that all is well: ${telling(done.tail)}` }]
}

/** From its first error on: above that it names all its options, whatever they are about. */
const errorsOf = (output: string): string => telling(/^(?:.* )?ERROR:[\s\S]*/m.exec(output)?.[0] ?? output)

function refused(place: Place, what: string, output: string): Failure {
  const where = `${place.name} (${placeAddress(place)})`
  const why = errorsOf(output)
  if (/is not later than latest backup label/.test(why))
    return new Failure('backup.clock', `${what}: the clock is behind that of an earlier backup at ${where}`, {
      why,
      fix: 'set the clock right (timedatectl); if it was ahead before, the backup is possible once it has passed that time',
    })
  if (/No space left/i.test(why))
    return new Failure('backup.space', `${what}: no space is left at ${where}`, {
      why,
      fix: 'free some space there, or let backups: in innkeeper.yaml keep fewer',
    })
  if (/CryptoError|cipher|FormatError/i.test(why))
    return new Failure('backup.key', `${what}: ${where} was encrypted with another key`, {
      why,
      fix: 'give the key of the server that made it: it stands in its recovery kit',
    })
  return new Failure('backup.place', `${what} at ${where}`, {
    why,
    fix: 'check that the place can be reached and written to, then try again',
  })
}

function unrestored(place: Place, output: string): Failure {
  const where = `${place.name} (${placeAddress(place)})`
  const why = errorsOf(output)
  if (/ChecksumError|Data corruption|FormatError|invalid checksum/i.test(why))
    return new Failure('backup.damaged', `a file of the backup at ${where} is not what was written`, {
      why,
      fix: 'restore from another backup or place: inn backup list; inn backup verify says what is sound',
    })
  if (/unable to find backup set|no backup set found/i.test(why))
    return new Failure('restore.target', `no backup at ${where} reaches that moment`, {
      why,
      fix: 'inn backup list shows the window that can be restored',
    })
  return refused(place, 'the restore failed', output)
}

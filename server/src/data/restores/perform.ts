import { findMigrations, listMigrations } from '../../apps/databases/migrations.ts'
import { ready, start } from '../../apps/deploys/perform-instances.ts'
import { type Perform, type Performers, performing, type StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { count, list } from '../../kernel/words.ts'
import { progressTo } from '../backups/progress.ts'
import { placeNamed } from '../repositories/ready.ts'
import { checkDump, fetchDump } from './on-url.ts'
import { backFiles, fetchFiles, removeBeside, swapFiles } from './perform-files.ts'
import type { RestorePorts } from './ports.ts'
import { ownOf, targetOf } from './resolve.ts'
import { differences, RESERVE_BYTES } from './rule.ts'
import type { RestoreStep } from './step.ts'
import type { Target } from './target.ts'

type Of<K extends RestoreStep['kind']> = Extract<RestoreStep, { kind: K }>

/** What each kind of step does; a missing one does not compile. The target of each step is resolved here. */
export function restorePerformer(ports: RestorePorts): Perform<RestoreStep> {
  const target = (step: { app: string; url?: true }) => targetOf(ports, step)
  const performers: Performers<RestoreStep> = {
    'restore.check': (s, c) => check(ports, s, c),
    'restore.check-dump': s => checkDump(ports, s),
    'restore.fetch': (s, c) => fetch(ports, s, c),
    'restore.fetch-dump': (s, c) => fetchDump(ports, s, c),
    'restore.reach': (s, c) => reach(ports, s, c),
    'restore.fill': async (s, c) => (await target(s)).fill(s, c),
    'restore.verify': async (s, c) => verify(ports, await target(s), { step: s, context: c }),
    'restore.swap': async s => {
      await (await target(s)).swap(s)
      if (!s.url) await ports.cluster.grant(await ownOf(ports, s.app))
      await ports.restores.swapped(s.app, s, s.record)
    },
    // The same swap in the other direction; it does nothing when nothing was put aside.
    'restore.swap-back': async s => {
      await (await target(s)).swap({ fresh: s.aside, aside: s.fresh })
      await ports.restores.settle(s.app, s.aside, 'undone')
    },
    'restore.drop-fresh': async s => {
      await (await target(s)).drop(s.fresh)
      await removeBeside(ports, s.app, s.fresh)
    },
    'restore.files': (s, c) => fetchFiles(ports, s, c),
    'restore.files-swap': s => swapFiles(ports, s),
    'restore.files-back': s => backFiles(ports, s),
    'restore.discard': async s => {
      await (await target(s)).drop(s.aside)
      await removeBeside(ports, s.app, s.aside)
      await ports.restores.settle(s.app, s.aside, 'discarded')
    },
    'copy.remove': s => ports.copies.remove(s.copy),
    'instances.again': async (s, c) => {
      await start(ports, { ...s, kind: 'instances.start' })
      await ready(ports, { ...s, kind: 'instances.ready' }, c)
    },
  }
  return performing(performers)
}

const ARCHIVED_WITHIN_MS = 60_000
/** Disk space of a restore, in sizes of the database: the copy, the dump between them, and the restored database. */
const TIMES = 3

/** Checks everything that can be checked while the app still serves. */
async function check(ports: RestorePorts, step: Of<'restore.check'>, context: StepContext): Promise<string> {
  await ports.cluster.ensure(context.signal)
  const { name } = await ownOf(ports, step.app)
  const [row] = await ports.cluster.superuser(query =>
    query(
      'select coalesce((select pg_database_size(oid) from pg_database where datname = $1), 0)::text as bytes',
      [name],
    ),
  )
  const bytes = Number(row!['bytes'])
  const { diskFree } = await ports.room()
  if (diskFree < bytes * TIMES + RESERVE_BYTES) throw noRoom(bytes, diskFree)
  await archivedBeyond(ports, step, context)
  return `${showSize(bytes)} to restore, ${showSize(diskFree)} free`
}

/** Replay stops at the first commit after the moment. So one is made here, and must be archived at the place before the restore begins. */
async function archivedBeyond(
  ports: RestorePorts,
  step: Of<'restore.check'>,
  { signal, run }: StepContext,
): Promise<void> {
  if (step.target.kind === 'backup') return
  const place = await placeNamed(ports, step.place)
  const { at } = await ports.cluster.beat()
  if (step.target.kind === 'time' && at <= step.target.at) throw ahead(step.target.at)
  const { segment } = await ports.cluster.mark(`restore-${run}`)
  const { clock } = ports
  for (const end = clock.now() + ARCHIVED_WITHIN_MS; ; await clock.sleep(200, signal)) {
    const { segments } = await ports.physical.archive(place)
    if (segments.includes(segment)) return
    if (clock.now() > end) throw behind(place.name, segment)
  }
}

const behind = (place: string, segment: string): Failure =>
  new Failure('restore.target', `the write-ahead log does not arrive at ${place}`, {
    why: `${segment} is not there after ${ARCHIVED_WITHIN_MS / 1000} s: how far the log there reaches is not certain`,
    fix: 'inn status says what is wrong with the place; an earlier backup needs no log: inn restore --backup LABEL',
  })

const ahead = (at: number): Failure =>
  new Failure('moment.future', `${new Date(at).toISOString()} has not been yet`, {
    why: 'by the clock of the database',
    fix: 'inn backup list shows the window that can be restored',
  })

const noRoom = (bytes: number, free: number): Failure =>
  new Failure('restore.room', 'there is no room to restore beside what is there', {
    why: `the database holds ${showSize(bytes)}; the copy, its way and the restored data take ${showSize(bytes * TIMES)}, and ${showSize(free)} are free`,
    fix: 'free some space: df -h; inn releases shows what releases take',
  })

async function fetch(ports: RestorePorts, step: Of<'restore.fetch'>, context: StepContext): Promise<string> {
  const { name } = await ownOf(ports, step.app)
  const { label, bytes } = await ports.copies.fetch(ports.physical, {
    name: step.copy,
    place: await placeNamed(ports, step.place),
    target: step.target,
    databases: [name, 'innkeeper'],
    port: step.port ?? null,
    background: false,
    signal: context.signal,
    onProgress: progressTo(context.say, ports.clock.now),
  })
  return `${label}, ${showSize(bytes)}`
}

async function reach(ports: RestorePorts, step: Of<'restore.reach'>, context: StepContext): Promise<string> {
  await ports.copies.start(step.copy, context.signal)
  const last = await ports.copies.superuser(step.copy, 'innkeeper', query =>
    query('select at from public.heartbeat'),
  )
  const at = last[0]?.['at']
  return at instanceof Date ? `the last heartbeat in it is of ${at.toISOString()}` : 'no heartbeat is in it'
}

/** Compares the restored data with its source, and says which migrations the release would still need. */
async function verify(
  ports: RestorePorts,
  target: Target,
  { step, context }: { step: Of<'restore.verify'>; context: StepContext },
): Promise<string> {
  const [there, here] = await target.both(step, context)
  const found = differences(there, here)
  if (found.length > 0)
    throw new Failure('restore.differs', 'the restored data is not what the backup holds', {
      why: found.slice(0, 10).join('\n'),
      fix: 'restore again; nothing that serves was changed',
    })
  const rows = Object.values(here).reduce((sum, table) => sum + table.rows, 0)
  const pending = await pendingFor(ports, target, step)
  return `${count(Object.keys(here).length, 'table')}, ${count(rows, 'row')}, all alike${pending}`
}

async function pendingFor(ports: RestorePorts, target: Target, step: Of<'restore.verify'>): Promise<string> {
  if (step.release === null) return ''
  const { config } = await ports.releases.get(step.app, step.release)
  const { tree } = ports.home.app(step.app).release(step.release)
  const place = await findMigrations(config, ports.source(tree))
  if (place === null) return ''
  const { pending } = await target.query(step.fresh, rows => listMigrations(place, rows))
  return pending.length === 0
    ? ''
    : `; ${step.release} would still need ${list(pending)} (inn restore --migrate runs them)`
}

import { type Perform, type Performers, performing, type StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { givenUrl } from '../backups/perform-parts.ts'
import { progressTo } from '../backups/progress.ts'
import { placeNamed } from '../repositories/ready.ts'
import { dropBeside, keepLog, swap, swapBack } from './exchange.ts'
import { checkDump, fetchDump, fillBeside, verifyBeside } from './on-url.ts'
import { backFiles, checkFiles, fetchFiles, swapFiles } from './perform-files.ts'
import type { RestorePorts, RestoresPorts } from './ports.ts'
import { lastBeat, ownOf, pendingFor, proveContent, saySubscriptions, tellPending } from './proof.ts'
import { RESERVE_BYTES } from './rule.ts'
import type { RestoreStep } from './step.ts'

type Of<K extends RestoreStep['kind']> = Extract<RestoreStep, { kind: K }>

/** What each kind of step does, with the ports of the app that it names. */
export const restorePerformer =
  (ports: RestoresPorts): Perform<RestoreStep> =>
  (step, context) =>
    performing(performersOf(ports.of(step.app)))(step, context)

const performersOf = (ports: RestorePorts): Performers<RestoreStep> => ({
  'restore.check': (s, c) => check(ports, s, c),
  'restore.check-dump': s => checkDump(ports, s),
  'restore.check-files': s => checkFiles(ports, s),
  'restore.fetch': (s, c) => fetch(ports, s, c),
  'restore.fetch-dump': (s, c) => fetchDump(ports, s, c),
  'restore.reach': (s, c) => reach(ports, s, c),
  'restore.prove': s => prove(ports, s),
  'restore.settle': async s => {
    const { disabled } = await ports.copies.settle(s.copy)
    // With little left to write, the old cluster stops at once.
    if (await ports.cluster.accepts()) await ports.cluster.checkpoint()
    return saySubscriptions(disabled)
  },
  'restore.fill': (s, c) => fillBeside(ports, s, c),
  'restore.verify': (s, c) => verifyBeside(ports, s, c),
  'restore.swap': s => swap(ports, s),
  'restore.swap-back': s => swapBack(ports, s),
  'restore.note': s => ports.restores.swapped(s.app, s, s.record),
  'restore.forget': s => ports.restores.settle(s.app, s.aside, 'undone'),
  'restore.tell': async s => {
    const access = s.url ? null : await ownOf(ports)
    return tellPending(ports, s, async work =>
      access === null
        ? ports.database(await givenUrl(ports, s.app), work)
        : ports.cluster.owner(access, {}, work),
    )
  },
  'restore.keep-log': (s, c) => keepLog(ports, s.name, c.signal),
  'restore.drop-fresh': s => dropBeside(ports, s.app, { ...s, name: s.fresh }),
  'restore.files': (s, c) => fetchFiles(ports, s, c),
  'restore.files-swap': s => swapFiles(ports, s),
  'restore.files-back': s => backFiles(ports, s),
  'restore.discard': async s => {
    await dropBeside(ports, s.app, { ...s, name: s.aside })
    await ports.restores.settle(s.app, s.aside, 'discarded')
  },
  'copy.remove': s => ports.copies.remove(s.copy),
})

const ARCHIVED_WITHIN_MS = 60_000
/** Disk space of a restore, in sizes of the cluster: the restored files, and the WAL that is replayed. */
const TIMES = 1.5

/** Checks everything that can be checked while the app still serves. */
async function check(ports: RestorePorts, step: Of<'restore.check'>, context: StepContext): Promise<string> {
  await ports.cluster.ensure(context.signal)
  const [row] = await ports.cluster.superuser(query =>
    query('select sum(pg_database_size(oid))::text as bytes from pg_database'),
  )
  const bytes = Number(row!['bytes'])
  const { diskFree } = await ports.room()
  const needed = bytes * TIMES + RESERVE_BYTES
  if (diskFree < needed) throw noRoom({ bytes, needed, free: diskFree })
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
    fix: '`inn status` says what is wrong with the place; an earlier backup needs no log: `inn restore --backup LABEL`',
  })

const ahead = (at: number): Failure =>
  new Failure('moment.future', `${new Date(at).toISOString()} has not been yet`, {
    why: 'by the clock of the database',
    fix: '`inn backup list` shows the window that can be restored',
  })

const noRoom = ({ bytes, needed, free }: { bytes: number; needed: number; free: number }): Failure =>
  new Failure('restore.room', 'there is no room to restore beside what is there', {
    why: `the database holds ${showSize(bytes)}; the restored files and the log that is replayed take up to ${showSize(needed)}, and ${showSize(free)} are free: ${showSize(needed - free)} are missing`,
    fix: 'free some space: `df -h`; `inn releases` shows what releases take',
  })

async function fetch(ports: RestorePorts, step: Of<'restore.fetch'>, context: StepContext): Promise<string> {
  const { label, bytes } = await ports.copies.fetch(ports.physical, {
    name: step.copy,
    place: await placeNamed(ports, step.place),
    target: step.target,
    port: step.port ?? null,
    background: false,
    replaces: step.replaces ?? false,
    signal: context.signal,
    onProgress: progressTo(context.say, ports.clock.now),
  })
  return `${label}, ${showSize(bytes)}`
}

async function reach(ports: RestorePorts, step: Of<'restore.reach'>, context: StepContext): Promise<string> {
  await ports.copies.start(step.copy, context.signal)
  const at = await lastBeat(ports, step.copy)
  return at === null ? 'no heartbeat is in it' : `the last heartbeat in it is of ${at.toISOString()}`
}

/** Compares the copy with what was counted, if anything was; and says which migrations the release would still need. */
async function prove(ports: RestorePorts, step: Of<'restore.prove'>): Promise<string> {
  const access = await ownOf(ports)
  const point = step.point === null ? null : await ports.points.get(step.point)
  const counted = point !== null && access.name in point.manifest
  const detail = counted
    ? (await proveContent(ports, step.copy, point)).detail
    : 'nothing was counted at that moment'
  const pending = await pendingFor(ports, step, work => ports.copies.reading(step.copy, { access }, work))
  return `${detail}${pending}`
}

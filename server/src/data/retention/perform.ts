import { type Perform, type Performers, performing, type StepContext } from '../../engine/run.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import { count, list } from '../../kernel/words.ts'
import { readShape } from './observe.ts'
import { changesOf } from './observe-changes.ts'
import { type ArchiveJob, add, archiveNext, finishEarlier, type Removed } from './perform-archive.ts'
import { changeBatch } from './perform-batch.ts'
import { restoreArchive, uncopy } from './perform-restore.ts'
import type { RetentionPorts, RetentionsPorts } from './ports.ts'
import { type Action, actionOf, type Receipt, type Version } from './retention.ts'
import { counting, nextRows } from './rule-sql.ts'
import { endEarlier, reading, session } from './session.ts'
import type { RetentionStep } from './step.ts'

type Of<K extends RetentionStep['kind']> = Extract<RetentionStep, { kind: K }>

/** Longest time of one rule in one run; the rest is for the next one. */
const LONGEST_MS = 3_600_000
/** From so many rows on the table is vacuumed at once. */
const WORTH_VACUUM = 1_000

export const retentionPerformer =
  (ports: RetentionsPorts): Perform<RetentionStep> =>
  (step, context) =>
    performing(performersOf(ports.of(step.app)))(step, context)

const performersOf = (ports: RetentionPorts): Performers<RetentionStep> => ({
  'retention.rule': (s, c) => noted(ports, s, c),
  'retention.end': (s, c) => end(ports, s, c),
  'retention.expire': (s, c) => expire(ports, s, c),
  'retention.restore': (s, c) => restoreArchive(ports, s, c),
  'retention.uncopy': (s, c) => uncopy(ports, s, c),
})

/** Carries a rule out, and keeps what became of it. A failure is told at the end of the run, so that no other rule waits for it. */
async function noted(
  ports: RetentionPorts,
  step: Of<'retention.rule'>,
  context: StepContext,
): Promise<string> {
  const { rule, app } = step
  const { run, actor, signal } = context
  const { clock, retention } = ports
  const receipt: Receipt = {
    ...{ run, app, rule: rule.name, table: rule.table, action: actionOf(rule), by: actor },
    ...{ state: 'running', rows: 0, kept: 0, left: 0, bytes: 0, more: false, error: null },
    ...{ startedAt: clock.now(), endedAt: null, ...(await retention.receipt(run, rule.name)) },
  }
  await retention.note(receipt)
  try {
    await endEarlier(ports)
    await carryOut(ports, { step, context, receipt })
    await retention.note({ ...receipt, state: 'done', error: null, endedAt: clock.now() })
    return said(receipt)
  } catch (error) {
    const over = { ...receipt, endedAt: clock.now() }
    if (signal.aborted) {
      await retention.note({ ...over, state: 'stopped' })
      throw error
    }
    const told = describe(readable(error, rule.name), app)
    await retention.note({ ...over, state: 'failed', error: `${told.what}: ${told.why}` })
    context.say(`${told.what}: ${told.why}`)
    return `failed: ${told.what}`
  }
}

const DONE: Readonly<Record<Action, string>> = {
  archive: 'archived and deleted',
  delete: 'deleted',
  anonymise: 'anonymised',
}

const said = ({ action, rows, kept, left, more }: Receipt): string =>
  [
    `${count(rows, 'row')} ${DONE[action]}`,
    ...(kept > 0 ? [`${count(kept, 'row')} due and kept, because others refer to them`] : []),
    ...(left > 0 ? [`${count(left, 'row')} changed meanwhile and left`] : []),
    ...(more ? ['an hour is over: the rest comes with the next run'] : []),
  ].join('; ')

interface Doing {
  step: Of<'retention.rule'>
  context: StepContext
  /** Counts as it goes. */
  receipt: Receipt
}

async function carryOut(ports: RetentionPorts, { step: { rule }, context, receipt }: Doing): Promise<void> {
  const { signal, say, run } = context
  const ident = await session(ports, { signal, purpose: 'change' }, async query => {
    const shape = await readShape(query, rule.name, rule.table)
    const changes = await changesOf(query, rule, shape)
    const job = { ports, query, shape, changes, rule, run, action: actionOf(rule), signal, say }
    const until = ports.clock.now() + LONGEST_MS
    const note = async (more: Removed) => {
      add(receipt, more)
      await ports.retention.note(receipt)
    }
    if (job.action === 'archive') await archiveAll(job, until, note)
    else await changeAll(job, until, note)
    const [found] = await reading(query, () => query(counting(job)))
    receipt.kept = Number(found!['kept'])
    receipt.more = Number(found!['rows']) > 0 && ports.clock.now() > until
    return shape.ident
  })
  if (receipt.rows < WORTH_VACUUM) return
  // What it does not come to is PostgreSQL's own to do.
  await session(ports, { signal, purpose: 'change' }, query => query(`vacuum (analyze) ${ident}`)).catch(
    error => {
      signal.throwIfAborted()
      say(`not vacuumed: ${(error as Error).message}`)
    },
  )
}

type Note = (more: Removed) => Promise<void>

async function archiveAll(job: ArchiveJob, until: number, note: Note): Promise<void> {
  await note(await finishEarlier(job))
  let after: readonly string[] | null = null
  while (job.ports.clock.now() < until) {
    const done = await archiveNext(job, after)
    if (done === null) return
    await note(done)
    after = done.last
  }
}

async function changeAll(job: ArchiveJob, until: number, note: Note): Promise<void> {
  const { ports, query, rule, shape } = job
  let after: readonly string[] | null = null
  while (ports.clock.now() < until) {
    job.signal.throwIfAborted()
    const text = nextRows(job, { what: 'keys', after, most: rule.batch })
    const versions = (await reading(query, () => query(text))).map(
      (row): Version => ({ xmin: String(row['v']), key: shape.key.map((_, n) => String(row[`k${n}`])) }),
    )
    if (versions.length === 0) return
    const rows = await changeBatch(job, versions)
    await note({ rows, left: versions.length - rows, bytes: 0 })
    after = versions.at(-1)!.key
  }
}

/** A failure instead of PostgreSQL's error. Its detail is left out: it may hold a row, and more people read failures than rows. */
export function readable(error: unknown, rule: string): unknown {
  const { code, message } = error as { code?: string; message: string }
  if (error instanceof Failure || code === undefined) return error
  return new Failure('retention.refused', `the database refuses what the rule ${rule} asks for`, {
    why: message,
    fix: 'correct the rule in `retention:` of innkeeper.yaml; a batch that was refused changed nothing',
    facts: { code },
    cause: error,
  })
}

async function end(
  ports: RetentionPorts,
  { app, rules }: Of<'retention.end'>,
  { run }: StepContext,
): Promise<void> {
  const receipts = await Promise.all(rules.map(rule => ports.retention.receipt(run, rule)))
  const failed = receipts.flatMap(one => (one?.state === 'failed' ? [one] : []))
  if (failed.length === 0) return
  throw new Failure(
    'retention.failed',
    `${count(failed.length, 'rule')} of ${app} failed: ${list(failed.map(one => one.rule))}`,
    {
      why: failed.map(one => `${one.rule}: ${one.error}`).join('\n'),
      fix: `what the others did stays done; when the cause is mended: \`inn retention run ${app} ${failed[0]!.rule}\``,
    },
  )
}

async function expire(
  ports: RetentionPorts,
  { app, archives }: Of<'retention.expire'>,
  { signal }: StepContext,
): Promise<string> {
  const known = (await ports.retention.archives(app)).filter(({ id }) => archives.includes(id))
  // What lies at a place that the app does not ask for any more is not ours to reach.
  for (const place of (await ports.policy()).places) {
    const parts = known.flatMap(archive => archive.parts.filter(part => part.place === place.name))
    const ids = parts.map(({ id }) => id)
    if (ids.length > 0) await ports.archives.forget(place, ids, signal)
  }
  for (const archive of known) await ports.retention.expire(archive)
  return count(known.length, 'archive')
}

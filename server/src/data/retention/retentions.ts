import { currentRelease } from '../../apps/app/app.ts'
import { appLock } from '../../apps/app/names.ts'
import type { Engine } from '../../engine/engine.ts'
import { startUnlessLocked } from '../../engine/locked.ts'
import type { Plan, Step } from '../../engine/plan.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { didYouMean, list } from '../../kernel/words.ts'
import { readShape } from './observe.ts'
import { changesOf } from './observe-changes.ts'
import { readable } from './perform.ts'
import { planRestore, planRun } from './plan.ts'
import type { RetentionPorts, RetentionsPorts } from './ports.ts'
import type { Archive, Named } from './retention.ts'
import { alarmsOf, dueAt, expired, inOrder, type RuleFacts } from './rule.ts'
import { anyDue, counting } from './rule-sql.ts'
import { reading, session } from './session.ts'
import type { RetentionStep } from './step.ts'

interface Options {
  ports: RetentionsPorts
  engine: Engine<Step>
  /** When a cron pattern is due next after a moment, in milliseconds since 1970; null: never. */
  nextRun(pattern: string, after: number): number | null
}

/** What a rule would do now. */
export interface Count {
  rule: Named
  rows: number
  bytes: number
  kept: number
  problem: string | null
}

export type Retentions = ReturnType<typeof createRetentions>

/** Longest that a person waits for counts. */
const COUNT_MS = 120_000
const looking = () => ({ signal: AbortSignal.timeout(COUNT_MS), purpose: 'look' as const })
/** Receipts that are shown. */
const RECEIPTS = 100

/** Plans and starts what rules of `retention:` do, and tells what they did. */
export function createRetentions({ ports, engine, nextRun }: Options) {
  const { apps, releases, retention: store, clock } = ports

  /** Rules of the release that serves. */
  async function rulesOf(app: string): Promise<Named[]> {
    const id = currentRelease(await apps.find(app))
    const release = id === null ? null : await releases.find(app, id)
    // A release of an earlier version says nothing of it.
    return Object.entries(release?.config.retention ?? {}).map(([name, rule]) => ({ ...rule, name }))
  }

  async function factsOf(app: string): Promise<Array<RuleFacts & { given: Named }>> {
    const rules = await rulesOf(app)
    const lasts = await Promise.all(rules.map(({ name }) => store.last(app, name)))
    const looked = await Promise.all(rules.map(({ name }) => store.looked(app, name)))
    return rules.map((given, n) => ({
      ...{ app, rule: given.name, given, now: clock.now(), last: lasts[n]!, looked: looked[n]! },
      next: after => nextRun(given.schedule, after),
    }))
  }

  /** Begins what is due in an app and has rows. */
  async function begin(app: string): Promise<void> {
    if (!engine.holds(appLock(app))) await store.breakOff(app, clock.now())
    const due: Named[] = []
    for (const facts of await factsOf(app)) {
      const { last, looked, rule, given, now } = facts
      const at = dueAt(facts)
      if (looked === null && last === null) await store.look(app, rule, now)
      else if (at !== null && at <= now) due.push(given)
    }
    if (due.length === 0 || engine.busy()) return
    const own = ports.of(app)
    // One that is down or asleep is told of elsewhere.
    if (!(await own.cluster.accepts())) return
    const old = expired(await store.archives(app), due, clock.now())
    const found = await withRows(own, due)
    for (const { name } of due) await store.look(app, name, clock.now())
    if (found.length === 0 && old.length === 0) return
    const rules = await ordered(own, found)
    startUnlessLocked(engine, planRun({ app, rules, expired: old.map(({ id }) => id) }) as Plan<Step>)
  }

  return {
    /** Plans what the rules do now, or one of them. Failures `retention.none`, `retention.unknown`, `retention.table`. */
    async planNow(app: string, named: string | null): Promise<Plan<RetentionStep>> {
      await apps.get(app)
      const rules = chosen(app, await rulesOf(app), named)
      const own = ports.of(app)
      const old = expired(await store.archives(app), rules, clock.now())
      return planRun({ app, rules: await ordered(own, rules), expired: old.map(({ id }) => id) })
    },

    /** Counts what would go now, and locks nothing. */
    async counts(app: string): Promise<Count[]> {
      await apps.get(app)
      const own = ports.of(app)
      const rules = await rulesOf(app)
      if (rules.length === 0) return []
      const signal = AbortSignal.timeout(COUNT_MS)
      const all = await ordered(own, rules)
      const found: Count[] = []
      for (const rule of all) found.push(await counted(own, rule, signal))
      return found
    },

    async list(app: string) {
      await apps.get(app)
      const facts = await factsOf(app)
      const [receipts, archives] = await Promise.all([store.receipts(app, RECEIPTS), store.archives(app)])
      return { rules: facts.map(one => ({ rule: one.given, nextAt: dueAt(one) })), receipts, archives }
    },

    /** Plans to bring an archive back. Failures `retention.archive`, `retention.unfinished`. */
    async planRestore(app: string, id: string, copy: string | null): Promise<Plan<RetentionStep>> {
      await apps.get(app)
      const archive = await store.get(app, id)
      if (archive.state !== 'done') throw notYet(app, archive)
      const rule = (await rulesOf(app)).find(({ name }) => name === archive.rule) ?? null
      return planRestore(app, archive, { copy, rule })
    },

    /** Starts what is due; called by a timer. */
    async tick(): Promise<void> {
      for (const { name, state } of await apps.all()) if (state === 'running') await begin(name)
    },

    async alarms(): Promise<Alarm[]> {
      const running = (await apps.all()).filter(({ state }) => state === 'running')
      return alarmsOf((await Promise.all(running.map(({ name }) => factsOf(name)))).flat())
    },
  }
}

/** Rules whose rows are there. One that cannot be asked stays, so that its run says why. */
async function withRows(own: RetentionPorts, rules: readonly Named[]): Promise<Named[]> {
  const found: Named[] = []
  for (const rule of rules) {
    const open = await own.retention.open(own.app, rule.name)
    if (open.length > 0 || (await hasRows(own, rule))) found.push(rule)
  }
  return found
}

const hasRows = (own: RetentionPorts, rule: Named): Promise<boolean> =>
  session(own, looking(), async query => {
    const shape = await readShape(query, rule.name, rule.table)
    const changes = await changesOf(query, rule, shape)
    const [row] = await reading(query, () => query(anyDue({ rule, shape, changes })))
    return row!['any'] === true
  }).catch(() => true)

/** In the order of their foreign keys; one whose table is not there, or unfit, stays where it stood. */
async function ordered(own: RetentionPorts, rules: readonly Named[]): Promise<Named[]> {
  const known = await session(own, looking(), async query => {
    const found: Array<{ rule: Named; shape: Awaited<ReturnType<typeof readShape>> }> = []
    for (const rule of rules) {
      const shape = await readShape(query, rule.name, rule.table).catch(() => null)
      if (shape !== null) found.push({ rule, shape })
    }
    return found
  })
  const unknown = rules.filter(rule => !known.some(one => one.rule === rule))
  return [...inOrder(known), ...unknown]
}

async function counted(own: RetentionPorts, rule: Named, signal: AbortSignal): Promise<Count> {
  try {
    return await session(own, { signal, purpose: 'look' }, async query => {
      const shape = await readShape(query, rule.name, rule.table)
      const changes = await changesOf(query, rule, shape)
      const [row] = await reading(query, () => query(counting({ rule, shape, changes })))
      const figure = (name: string) => Number(row![name])
      return { rule, rows: figure('rows'), bytes: figure('bytes'), kept: figure('kept'), problem: null }
    })
  } catch (error) {
    const { code, what, why } = describe(readable(error, rule.name))
    if (code === 'database.unreachable') throw error
    return { rule, rows: 0, bytes: 0, kept: 0, problem: `${what}: ${why}` }
  }
}

function chosen(app: string, rules: readonly Named[], named: string | null): readonly Named[] {
  if (rules.length === 0)
    throw new Failure('retention.none', `${app} has no rules of retention`, {
      why: 'the release that serves has no `retention:`',
      fix: 'write them into innkeeper.yaml and deploy it',
    })
  const found = named === null ? rules : rules.filter(({ name }) => name === named)
  if (found.length > 0) return found
  const names = rules.map(({ name }) => name)
  const near = didYouMean(named!, names)
  throw new Failure('retention.unknown', `${app} has no rule ${named}`, {
    why: near === null ? `it has ${list(names)}` : `did you mean ${near}?`,
    fix: `\`inn retention plan ${app}\` shows what each would do`,
  })
}

const notYet = (app: string, { id, state, rule }: Archive): Failure =>
  new Failure('retention.unfinished', `${id} cannot be brought back`, {
    why:
      state === 'expired'
        ? 'it was kept as long as its rule says, and removed'
        : 'its rows are still being deleted',
    fix: `\`inn retention list ${app}\` shows what is kept${state === 'kept' ? `; \`inn retention run ${app} ${rule}\` ends it` : ''}`,
  })

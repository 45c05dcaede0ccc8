import type { Actor } from '../../api/actor.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import { inTurns } from '../../kernel/turns.ts'
import { entryOf } from './entry.ts'
import type { Kept } from './library.ts'
import { parseRunbook } from './parse.ts'
import { KEPT, perform, wordsOf } from './perform.ts'
import type { WalkPorts } from './ports.ts'
import { type Act, actsOf, alone, isQuiet, mayWalk, nextOf, type Outcome, PENDING, settled } from './rule.ts'
import { type Item, type Runbook, valuesOf, wrongWith } from './runbook.ts'
import type { Walk } from './store.ts'

export interface Order {
  app: string | null
  incident: number | null
  dry: boolean
  /** The occurrence of an alert that begins it; null: a person does. */
  occurrence: string | null
}

/** A walk as it stands. `live`: what the step that goes on has printed. */
export interface Standing {
  walk: Walk
  runbook: Runbook
  /** One for each item. */
  outcomes: readonly Outcome[]
  next: number | null
  acts: Act[]
  live: string | null
}

const WRITE_AGAIN_MS = 5_000

export type Walks = ReturnType<typeof createWalks>

/** Walks through runbooks: what was done of each step, and what comes next. */
export function createWalks(ports: WalkPorts) {
  const { store, clock } = ports
  // Two people who act at once, and the steps that follow by themselves, each find the walk as the other left it.
  const turn = inTurns()
  const live = new Map<number, string>()
  let taken: Promise<unknown> | null = null
  /** Once for each keeper: what was going on when the one before it ended. */
  const ready = () =>
    (taken ??= takeUp().catch(error => {
      taken = null
      throw error
    }))

  const known = async (id: number): Promise<Walk> => {
    await ready()
    const found = await store.find(id)
    if (found !== null) return found
    throw new Failure('walk.unknown', `nobody walks through a runbook by the number ${id}`, {
      why: 'it was mistyped',
      fix: '`inn runbook walks` lists them',
    })
  }

  async function standing(walk: Walk): Promise<Standing> {
    const { runbook } = parseRunbook(walk.runbook, walk.text)
    const outcomes = settled(runbook.items, await store.outcomes(walk.id))
    const next = walk.state === 'open' ? nextOf(runbook.items, outcomes) : null
    const acts = next === null ? [] : actsOf(runbook.items[next]!, outcomes[next]!)
    return { walk, runbook, outcomes, next, acts, live: live.get(walk.id) ?? null }
  }

  /** Writes down what became of an item, in the incident too. */
  async function note(walk: Walk, at: { ix: number; item: Item }, outcome: Outcome): Promise<void> {
    await store.keep(walk.id, at.ix, outcome)
    if (walk.incident !== null && !walk.dry && outcome.state !== 'running')
      await ports.incidents.keep(walk.incident, [entryOf(walk, at, outcome)])
  }

  /** What an earlier keeper did of a walk, and was killed before it stood in the incident or ended the walk. */
  async function takeUp(): Promise<void> {
    for (const walk of await store.cut()) {
      const { runbook, outcomes, next } = await standing(walk)
      const found = runbook.items.flatMap((item, ix) => {
        const { at, state, ...rest } = outcomes[ix]!
        if (at === null) return []
        return [entryOf(walk, { ix, item }, { ...rest, at, state: state === 'running' ? 'unknown' : state })]
      })
      if (walk.incident !== null && !walk.dry) await ports.incidents.keep(walk.incident, found)
      if (walk.state === 'open' && next === null) await store.end(walk.id, 'done', clock.now())
    }
    await store.lost()
  }

  /** Does the item whose turn it is, in the background. */
  async function doing(now: Standing, actor: Actor, values: Record<string, string>): Promise<void> {
    const [{ walk, runbook }, ix] = [now, now.next!]
    const item = runbook.items[ix]!
    const at = clock.now()
    const running = { ...PENDING, state: 'running' as const, by: actor.name, at, values }
    await note(walk, { ix, item }, running)
    live.set(walk.id, '')
    const say = (line: string) => live.set(walk.id, `${live.get(walk.id)}${line}\n`.slice(-KEPT))
    const finish = async () => {
      const result = await perform(ports, { walk, runbook, ix, item, values, actor, say })
      const outcome = { ...running, ...result, ms: clock.now() - at }
      live.delete(walk.id)
      await written(() =>
        turn(async () => {
          await note(walk, { ix, item }, outcome)
          await advance(walk.id, actor)
        }),
      )
    }
    void finish()
  }

  /** On a full disk a walk waits at its step until that can be written, as a run does. Each of the writes may come twice. */
  async function written(write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await write()
      } catch (error) {
        ports.log('error', 'a step of a runbook cannot be written down yet', { error: describe(error) })
        await clock.sleep(WRITE_AGAIN_MS)
      }
    }
  }

  /** Goes on with what needs nobody, and ends a walk of which all is settled. */
  async function advance(id: number, actor: Actor): Promise<void> {
    const now = await standing(await known(id))
    if (now.walk.state !== 'open') return
    if (now.next === null) return void (await store.end(id, 'done', clock.now()))
    const item = now.runbook.items[now.next]!
    const outcome = now.outcomes[now.next]!
    const act = now.walk.occurrence === null ? quietly(item, outcome) : alone(item, outcome)
    if (act === 'do') return doing(now, actor, {})
    if (act === 'skip') {
      await settle(now, actor, 'skip')
      await advance(id, actor)
    }
  }

  async function settle(
    { walk, runbook, outcomes, next }: Standing,
    actor: Actor,
    act: 'yes' | 'no' | 'skip',
  ) {
    const state = act === 'skip' ? ('skipped' as const) : act
    const outcome = { ...outcomes[next!]!, state, by: actor.name, at: clock.now() }
    await note(walk, { ix: next!, item: runbook.items[next!]! }, outcome)
  }

  return {
    /** In turn, because between two steps that follow by themselves it looks as if somebody had to do the next one. */
    view: (id: number): Promise<Standing> => turn(async () => standing(await known(id))),
    list: async (limit: number): Promise<Walk[]> => {
      await ready()
      return store.list(limit)
    },

    /** Failures `runbook.invalid`, `runbook.app`, `incident.unknown`. */
    begin: (kept: Kept, order: Order, actor: Actor): Promise<Standing> =>
      turn(async () => {
        await ready()
        checkWalkable(kept, order.app)
        if (order.incident !== null) checkIncident(await ports.incidents.known(order.incident), order.app)
        const id = await store.begin({
          ...{ app: order.app, runbook: kept.runbook.name, own: kept.app === null, text: kept.text },
          ...{ by: actor.name, occurrence: order.occurrence, dry: order.dry, begunAt: clock.now() },
          incident: order.incident ?? (order.dry ? null : await ports.incidents.newest(order.app)),
        })
        await advance(id, actor)
        return standing(await known(id))
      }),

    /** Does, answers or leaves out the item whose turn it is. Failures `walk.ended`, `walk.turn`, `walk.value`. */
    act: (id: number, ix: number, asked: { act: Act; values: Record<string, string> }, actor: Actor) =>
      turn(async (): Promise<Standing> => {
        const now = await standing(await known(id))
        if (now.walk.state !== 'open') throw ended(now.walk)
        if (now.next !== ix || !now.acts.includes(asked.act)) throw notItsTurn(now, ix)
        if (asked.act === 'do') {
          const values = checkedValues(now, asked.values)
          await doing(now, actor, values)
        } else {
          await settle(now, actor, asked.act)
          await advance(id, actor)
        }
        return standing(await known(id))
      }),

    stop: (id: number): Promise<Standing> =>
      turn(async () => {
        const walk = await known(id)
        if (walk.state !== 'open') throw ended(walk)
        await store.end(id, 'stopped', clock.now())
        return standing(await known(id))
      }),
  }
}

/** What a person who walks need not be asked for. */
const quietly = (item: Item, { state }: Outcome): Act | null => {
  if (state !== 'pending') return null
  return isQuiet(item) || (item.kind === 'question' && item.sql !== null) ? 'do' : null
}

function checkWalkable({ runbook, problems }: Kept, app: string | null): void {
  if (problems.length > 0)
    throw new Failure('runbook.invalid', `the runbook ${runbook.name} cannot be walked`, {
      why: problems.slice(0, 5).join('\n'),
      fix: '`inn runbook check` says all that is wrong; correct its file, and deploy',
    })
  const why = mayWalk(runbook, app)
  if (why === null) return
  throw new Failure('runbook.app', 'the runbook wants an app', {
    why,
    fix: `\`inn runbook run ${runbook.name} --app APP\``,
  })
}

/** What a walk finds stands in its incident, for whoever may see that. */
function checkIncident({ id, app: of }: { id: number; app: string | null }, app: string | null): void {
  if (of === app) return
  throw new Failure('runbook.incident', `incident ${id} is not about ${app ?? 'the server'}`, {
    why: `it is about ${of === null ? 'the server' : 'another app'}`,
    fix: '`inn incident` lists them; left out, it is the open one of the app',
  })
}

function checkedValues(
  { walk, runbook, next }: Standing,
  given: Record<string, string>,
): Record<string, string> {
  const item = runbook.items[next!]!
  const names = valuesOf(item)
  const values = Object.fromEntries(names.map(name => [name, (given[name] ?? '').trim()]))
  for (const [name, value] of Object.entries(values)) {
    const wrong = wrongWith(value)
    if (wrong !== null) throw wrongValue(name, wrong)
  }
  if (item.kind !== 'command') return {}
  const made = wordsOf(item, { app: walk.app, values, dry: walk.dry })
  if ('problem' in made) throw wrongValue(names.join(', '), made.problem)
  return values
}

const wrongValue = (name: string, why: string): Failure =>
  new Failure('walk.value', `the value of <${name}> cannot be taken`, {
    why,
    fix: 'what the steps before it have shown says which one it is',
  })

const ended = ({ id, state }: Walk): Failure =>
  new Failure('walk.ended', `walk ${id} is ${state}`, {
    why: state === 'done' ? 'all its steps are done, answered or left out' : 'somebody stopped it',
    fix: '`inn runbook run NAME` begins another one',
  })

function notItsTurn({ walk, next, acts }: Standing, ix: number): Failure {
  const here =
    next === ix ? `this step goes on, or takes only ${acts.join(', ')}` : 'it is the turn of another one'
  return new Failure('walk.turn', `step ${ix + 1} of walk ${walk.id} cannot be done now`, {
    why: here,
    fix: `\`inn runbook go-on ${walk.id}\` shows where it stands`,
  })
}

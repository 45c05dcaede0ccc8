import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as next } from 'node:timers/promises'
import type { Actor } from '../../api/actor.ts'
import { openStore } from '../../db/db.ts'
import type { Entry } from '../incidents/incident.ts'
import { parseRunbook } from './parse.ts'
import type { WalkPorts } from './ports.ts'
import { type RunbookStore, runbookStore } from './store.ts'
import { createWalks, type Standing, type Walks } from './walks.ts'

const TEXT = `# T
## Look
\`\`\`inn
inn status <app>
\`\`\`
## Are rows missing?
\`\`\`inn sql
select 1
\`\`\`
## Is it well?
## Mend
\`\`\`inn
inn restart <app>
\`\`\`
## Say so
Tell everybody.
`
const kept = { ...parseRunbook('x', TEXT), app: 'shop', text: TEXT }
const actor = { name: 'ada' } as Actor
const order = { app: 'shop', incident: null, dry: false, occurrence: null }
const never = new Promise<never>(() => {})

/** What stays when a keeper is killed. */
function world() {
  const store = openStore(':memory:')
  return { store: runbookStore(store), ran: [] as string[], told: new Map<string, Entry>() }
}
type World = ReturnType<typeof world>

/** A keeper that is killed at the nth thing that it does to the world: `done`: right after it, otherwise right before. */
function keeper({ store, ran, told }: World, n: number, done: boolean) {
  let count = 0
  const { promise: killed, resolve: kill } = Promise.withResolvers<'killed'>()
  const cut =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      count += 1
      if (count > n || (count === n && !done)) {
        kill('killed')
        return never
      }
      const result = await work(...args)
      if (count < n) return result
      kill('killed')
      return never
    }
  const { begin, keep, end, lost, ...reads } = store
  const cutStore = { ...reads, begin: cut(begin), keep: cut(keep), end: cut(end), lost: cut(lost) }
  const walks = createWalks({
    store: cutStore as RunbookStore,
    library: {} as WalkPorts['library'],
    run: cut(async ({ words }) => {
      ran.push(words.join(' '))
      return { code: 0, output: `${words.join(' ')} is done` }
    }),
    read: cut(async () => ({ columns: ['n'], rows: [['1']], more: false })),
    incidents: {
      known: () => assert.fail(),
      newest: async () => 1,
      keep: cut(async (_, entries) => {
        for (const entry of entries) told.set(entry.key, entry)
      }),
    },
    clock: { now: () => 7, sleep: () => assert.fail() },
    log: (_, msg) => assert.fail(msg),
  })
  return { walks, killed, count: () => count }
}

/** What a person does who sees this; null: wait. Of a change of which nobody knows they look whether it was done. */
function actOf({ runbook, outcomes, next: ix, acts }: Standing, { ran }: World) {
  if (ix === null || acts.length === 0) return null
  const item = runbook.items[ix]!
  if (acts.includes('yes')) return { ix, act: 'yes' as const }
  const seen = item.kind === 'command' && item.changes && outcomes[ix]!.state === 'unknown'
  return { ix, act: seen && ran.includes('restart shop') ? ('skip' as const) : ('do' as const) }
}

/** A person who goes on until the walk is over. */
async function follow(walks: Walks, at: World): Promise<Standing> {
  const [there] = await walks.list(9)
  const { id } = there ?? (await walks.begin(kept, order, actor)).walk
  for (let turns = 0; ; turns++) {
    const now = await walks.view(id)
    if (now.walk.state === 'done') return now
    assert.ok(turns < 500, `it rests for ever: ${JSON.stringify(now.outcomes)}`)
    const wanted = actOf(now, at)
    if (wanted === null) await next()
    else await walks.act(id, wanted.ix, { act: wanted.act, values: {} }, actor)
  }
}

async function killedAt(n: number, done: boolean): Promise<'killed' | 'over'> {
  const at = world()
  const first = keeper(at, n, done)
  const how = await Promise.race([first.killed, follow(first.walks, at).then(() => 'over' as const)])
  const ended = await follow(keeper(at, Number.POSITIVE_INFINITY, false).walks, at)
  const where = `killed ${done ? 'after' : 'before'} its write ${n}`
  assert.deepEqual(
    at.ran.filter(one => one.startsWith('restart')),
    ['restart shop'],
    where,
  )
  assert.equal((await at.store.list(9)).length, 1, where)
  assert.ok(
    ended.outcomes.every(({ state }) => ['done', 'skipped', 'yes'].includes(state)),
    where,
  )
  // The incident has each step, as it stands in the walk.
  const said = ended.runbook.items.map((_, ix) => at.told.get(`walk:${ended.walk.id}:${ix}`)?.what)
  assert.deepEqual(
    said.map(one => one?.replace(': left out', '')),
    [
      'runbook x: inn status shop',
      'runbook x: Are rows missing? Yes',
      'runbook x: Is it well? Yes',
      'runbook x: inn restart shop',
      'runbook x: Say so',
    ],
    where,
  )
  return how
}

test('a keeper that is killed before or after anything that a walk does loses nothing of it, and does nothing twice', async () => {
  for (const done of [false, true]) {
    let n = 1
    while ((await killedAt(n, done)) === 'killed') n += 1
    assert.ok(n > 20, `only ${n} places were tried`)
  }
})

test('of a change that was under way the incident says that nobody knows what became of it', async () => {
  const at = world()
  const first = keeper(at, Number.POSITIVE_INFINITY, false)
  await first.walks.begin(kept, order, actor)
  for (const ix of [2, 3]) {
    while ((await first.walks.view(1)).next !== ix) await next()
    if (ix === 2) await first.walks.act(1, 2, { act: 'yes', values: {} }, actor)
  }
  await at.store.keep(1, 3, { ...(await first.walks.view(1)).outcomes[3]!, state: 'running', at: 7 })
  const second = keeper(at, Number.POSITIVE_INFINITY, false)
  assert.equal((await second.walks.view(1)).outcomes[3]!.state, 'unknown')
  assert.match(at.told.get('walk:1:3')!.what, /nobody knows what became of it/)
})

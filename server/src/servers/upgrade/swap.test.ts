import assert from 'node:assert/strict'
import { test } from 'node:test'
import { performing, type StepContext } from '../../engine/run.ts'
import type { Said } from './facts.ts'
import { performSwap } from './perform-swap.ts'
import type { UpgradePorts } from './ports.ts'
import type { UpgradeStep } from './step.ts'

const OLD = { folder: '/old', version: '0.1.0' }
const NEW = { folder: '/new', version: '0.2.0' }
const APPS = [{ name: 'shop', release: 'r3' }]
const context: StepContext = { run: '1', actor: 'x', signal: new AbortController().signal, say() {} }

interface World {
  done: string[]
  /** Path → how many migrations were applied. */
  stores: Map<string, number>
  files: Map<string, string>
  /** Version of the keeper that runs; null: none does. */
  running: string | null
  now: number
  says(version: string): Said | null
  /** How many migrations the new keeper leaves. */
  migrates: number
  busy: string | null
}

const RUN = '/h/sv/keeper/run'
const runOf = (folder: string) => `run ${folder}/server/src/bin/inn.js keeper\n`

function machine({ done, files }: World): UpgradePorts['machine'] {
  return {
    async exec([program]) {
      const folder = program!.replace('/inn', '')
      done.push(`define ${folder}`)
      files.set(RUN, runOf(folder))
      return { code: 0, out: '', tail: '' }
    },
    all: async () => [],
    read: async path => files.get(path) ?? null,
    write: async (path, text) => void files.set(path, text),
    remove: async path => void files.delete(path),
  }
}

const supervisor = (world: World): UpgradePorts['supervisor'] => ({
  async stop() {
    world.done.push('stop')
    world.running = null
  },
  async start() {
    world.done.push('start')
    world.running ??= world.files.get(RUN) === runOf(NEW.folder) ? NEW.version : OLD.version
    if (world.running === NEW.version) world.stores.set('/h/keeper.db', world.migrates)
  },
  state: async () => null,
})

const store = ({ done, stores, busy }: World): UpgradePorts['store'] => ({
  version: path => stores.get(path) ?? null,
  copy(from, to) {
    done.push(`copy ${to}`)
    stores.set(to, stores.get(from)!)
  },
  put(copy, to) {
    done.push('put')
    stores.set(to, stores.get(copy)!)
  },
  busy: () => busy,
})

/** A home with a keeper that runs, and what is done to it. */
function makeHome(more: Partial<Pick<World, 'says' | 'migrates' | 'busy'>> = {}) {
  const world: World = {
    ...{ done: [], stores: new Map([['/h/keeper.db', 5]]), files: new Map([[RUN, runOf(OLD.folder)]]) },
    ...{ running: OLD.version, now: 0, migrates: 5, busy: null },
    says: version => ({ version, apps: APPS }),
    ...more,
  }
  const perform = performing<
    Extract<UpgradeStep, { kind: 'upgrade.swap' | 'upgrade.back' | 'upgrade.tidy' }>
  >(
    performSwap({
      home: '/h',
      clock: {
        now: () => world.now,
        async sleep(ms) {
          world.now += ms
        },
      },
      ...{ machine: machine(world), supervisor: supervisor(world), store: store(world) },
      async ask() {
        const said = world.running === null ? null : world.says(world.running)
        if (said === null) throw new Error('nobody answers')
        return said
      },
    }),
  )
  return Object.assign(world, {
    swap: (signal = context.signal) =>
      perform({ kind: 'upgrade.swap', from: OLD, to: NEW }, { ...context, signal }),
    back: () => perform({ kind: 'upgrade.back', from: OLD, to: NEW }, context),
  })
}

test('the store is kept while nobody has it, before the service is the new one', async () => {
  const home = makeHome({ migrates: 6 })
  await home.swap()
  assert.deepEqual(home.done, ['stop', 'copy /h/keeper.db.before-0.2.0', 'define /new', 'start'])
  assert.equal(home.stores.get('/h/keeper.db.before-0.2.0'), 5)
})

test('a keeper that answers wrongly has a minute, and no more', async () => {
  for (const says of [
    (version: string) => (version === '0.2.0' ? null : { version, apps: APPS }),
    (version: string) => ({ version, apps: version === '0.2.0' ? [] : APPS }),
    () => ({ version: '0.1.0', apps: APPS }),
  ]) {
    const home = makeHome({ says })
    await assert.rejects(home.swap(), { code: 'upgrade.silent' })
    assert.ok(home.now >= 60_000 && home.now < 61_000, String(home.now))
  }
})

test('somebody who takes it back need not wait for a keeper that is silent', async () => {
  const over = new AbortController()
  const home = makeHome({
    says(version) {
      if (version === NEW.version) over.abort(new Error('taken back'))
      return { version, apps: APPS }
    },
  })
  await assert.rejects(home.swap(over.signal), /taken back/)
  assert.ok(home.now < 1_000)
})

test('one right answer is not enough: it has to stay', async () => {
  let asked = 0
  const home = makeHome({
    says: version => (version === '0.2.0' && asked++ % 3 === 2 ? null : { version, apps: APPS }),
  })
  await assert.rejects(home.swap(), { code: 'upgrade.silent' })
})

test('taken back: a store with other tables is the kept one again, and what became of it stays beside it', async () => {
  const home = makeHome({ migrates: 6 })
  await home.swap()
  home.done.length = 0
  await home.back()
  assert.deepEqual(home.done, ['stop', 'copy /h/keeper.db.of-0.2.0', 'put', 'define /old', 'start'])
  assert.equal(home.stores.get('/h/keeper.db'), 5)
  assert.equal(home.running, '0.1.0')
})

test('taken back: a store with the same tables goes on, with what was written meanwhile', async () => {
  const home = makeHome()
  await home.swap()
  home.done.length = 0
  await home.back()
  assert.deepEqual(home.done, ['stop', 'define /old', 'start'])
})

test('cut after the new keeper changed the store: what was kept then is not written over', async () => {
  const home = makeHome({ migrates: 6 })
  await home.swap()
  home.done.length = 0
  await home.swap()
  assert.deepEqual(home.done, ['define /new', 'start'])
  assert.equal(home.stores.get('/h/keeper.db.before-0.2.0'), 5)
})

test('cut before the new keeper ran, and the old one went on meanwhile: its store is kept anew', async () => {
  const home = makeHome({ migrates: 6 })
  home.stores.set('/h/keeper.db.before-0.2.0', 5)
  home.files.set(RUN, runOf(NEW.folder))
  await home.swap()
  assert.deepEqual(home.done, ['stop', 'copy /h/keeper.db.before-0.2.0', 'define /new', 'start'])
  assert.equal(home.running, '0.2.0')
})

test('what began between plan and swap keeps the service as it is', async () => {
  const home = makeHome({ busy: 'deploy shop r4' })
  await assert.rejects(home.swap(), { code: 'upgrade.busy', why: /deploy shop r4/ })
  await home.back()
  assert.deepEqual(home.done, ['stop', 'stop', 'define /old', 'start'])
  assert.equal(home.running, '0.1.0')
})

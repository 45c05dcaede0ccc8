import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Actor } from '../../api/actor.ts'
import { openStore } from '../../db/db.ts'
import { parseRunbook } from './parse.ts'
import type { WalkPorts } from './ports.ts'
import { runbookStore } from './store.ts'
import { createWalks } from './walks.ts'

const TEXT = '# T\n## Look\n```inn\ninn status <app>\ninn ps <app>\n```\n## Is it well?\n'
const kept = { ...parseRunbook('x', TEXT), app: 'shop', text: TEXT }
const actor = { name: 'ada' } as Actor
const order = { app: 'shop', incident: null, dry: false, occurrence: null }

const made = (more: Partial<WalkPorts>) =>
  createWalks({
    store: runbookStore(openStore(':memory:')),
    library: {} as WalkPorts['library'],
    run: async () => ({ code: 0, output: 'well' }),
    read: () => assert.fail(),
    incidents: { known: () => assert.fail(), newest: async () => 1, keep: async () => {} },
    clock: { now: () => 0, sleep: () => assert.fail() },
    log() {},
    ...more,
  })

test('a step that follows by itself is at no moment shown as one that waits for somebody', async () => {
  // An incident takes a moment to be written.
  const keep = () => sleep(3)
  const walks = made({ incidents: { known: () => assert.fail(), newest: async () => 1, keep } })
  const { walk } = await walks.begin(kept, order, actor)
  for (let now = await walks.view(walk.id); now.next !== 2; now = await walks.view(walk.id))
    assert.deepEqual(now.acts, [])
})

test('a full disk holds a walk at its step until what became of it can be written', async () => {
  const entries: string[] = []
  const waits: Array<() => void> = []
  let full = true
  const ran: string[] = []
  const walks = made({
    async run({ words }) {
      ran.push(words.join(' '))
      return { code: 0, output: 'well' }
    },
    incidents: {
      known: () => assert.fail(),
      newest: async () => 1,
      async keep(_, [entry]) {
        if (full) throw new Error('database or disk is full')
        entries.push(entry!.what)
      },
    },
    clock: { now: () => 0, sleep: () => new Promise<void>(resolve => waits.push(resolve)) },
  })
  const { walk } = await walks.begin(kept, order, actor)
  for (const end = Date.now() + 5_000; waits.length === 0; await sleep(5)) assert.ok(Date.now() < end)
  assert.deepEqual(ran, ['status shop'])
  full = false
  waits[0]!()
  for (const end = Date.now() + 5_000; (await walks.view(walk.id)).next !== 2; await sleep(5))
    assert.ok(Date.now() < end, 'it goes on for ever')
  assert.deepEqual(ran, ['status shop', 'ps shop'])
  assert.deepEqual(entries, ['runbook x: inn status shop', 'runbook x: inn ps shop'])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Due } from '../checks/watcher.ts'
import { config, first, slot } from './plan.fixture.ts'
import { replaceDue } from './replacing.ts'

const world = first()
const due: Due = { slot: slot('api', 'blue', 1, 1), release: 'r1', why: 'failing', alone: false, rss: null }

const tried = async ({ state = 'running', locked = false, taken = false } = {}) => {
  const did: string[] = []
  await replaceDue({
    apps: { find: async () => ({ ...world.app, state: state as 'running' }) },
    watcher: {
      due: () => [due],
      replaced: ({ slot: { service, n } }) => void did.push(`waits for ${service} ${n}`),
    },
    engine: {
      holds: () => locked,
      start({ kind }: Plan, actor: string) {
        if (taken) throw new Failure('run.locked', 'x', { why: 'y', fix: 'z' })
        did.push(`${kind} by ${actor}`)
        return 'run'
      },
    },
    world: async () => world,
    config: async () => config,
  })
  return did
}

test('what is due is replaced by the keeper, and the next time is waited longer', async () => {
  assert.deepEqual(await tried(), ['replace by keeper', 'waits for api 1'])
})

test('not while another run changes the app, nor when the app is stopped', async () => {
  assert.deepEqual(await tried({ locked: true }), [])
  assert.deepEqual(await tried({ taken: true }), [])
  assert.deepEqual(await tried({ state: 'stopped' }), [])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PASSWORDS } from '../../apps/databases/access.ts'
import { readConfigOrFail } from '../../config/read.ts'
import type { StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { bootLevel } from './perform-boot.ts'
import type { DrillPorts } from './ports.ts'

const STEP = { kind: 'drill.boot', drill: 'd', app: 'shop', copy: 'd1', release: 'r1' } as const
const CONTEXT: StepContext = { run: 'x', actor: 'y', signal: new AbortController().signal, say: () => {} }

const yaml = (more: string) => `name: shop
services:
  api: { start: node api.js }
  mails: { start: node mails.js, worker: true }
  bot: { start: node bot.js, singleton: true }
routes: { /: api }
database: { postgres: true }
${more}`

interface World {
  file: string
  /** Query → what the copy answers. */
  answers?: Record<string, unknown>
}

/** The ports that this level uses. Nothing can be started with them. */
function portsOf({ file, answers = {} }: World) {
  const asked: string[] = []
  const query = async (sql: string) => {
    asked.push(sql)
    if (!(sql in answers) && !sql.startsWith('set ')) throw new Error(`relation of "${sql}" does not exist`)
    return [{ value: answers[sql] }]
  }
  const ports = {
    app: 'shop',
    cluster: { port: async () => 5555 },
    copies: { place: async () => ({ socketFolder: '/run/c', port: 5432 }) },
    isolation: {
      during: async () => {
        throw new Failure('isolation.none', 'no walls', { why: 'no namespaces', fix: 'be root' })
      },
    },
    clock: { now: () => 0, sleep: () => new Promise(() => {}) },
    apps: { secrets: async () => ({ [PASSWORDS.app]: 'a', [PASSWORDS.owner]: 'o' }) },
    releases: {
      get: async () => ({ config: readConfigOrFail(file), artifacts: { api: 'r1' } }),
      env: async () => ({ api: {} }),
    },
    home: { root: '/h', run: '/h/run', copies: '/h/copies', cache: '/h/cache', app: () => APP_HOME },
    runtimes: { node: async () => '/node', manager: async () => '/npm' },
    source: () => ({ has: async () => false }),
    confined: async () => ({ inside: '/h/tree' }),
    database: (url: string, work: (q: typeof query) => Promise<unknown>) => {
      asked.push(url)
      return work(query)
    },
  } as unknown as DrillPorts
  return { ports, asked }
}
const APP_HOME = { root: '/h/apps/shop', logs: '/h/logs', release: () => ({ tree: '/h/tree' }) }

const QUERIES = `backups: { drill: { queries: [{ sql: one, expect: 1 }, { sql: two, expect: 2 }] } }`

test('questions are asked of the copy, as the role that the app has', async () => {
  const { ports, asked } = portsOf({ file: yaml(QUERIES), answers: { one: '1', two: 2 } })
  const proof = await bootLevel(ports, STEP, CONTEXT)
  assert.equal(asked[0], 'postgresql://shop_app:a@%2Frun%2Fc:5432/shop')
  assert.match(proof.detail, /2 of its queries answered/)
})

test('another answer and a query that cannot be asked fail the level, each named', async () => {
  const { ports } = portsOf({ file: yaml(QUERIES), answers: { one: '7' } })
  await assert.rejects(bootLevel(ports, STEP, CONTEXT), (error: Failure) => {
    assert.equal(error.code, 'drill.queries')
    assert.equal(error.why, 'one gives 7, not 1\ntwo: relation of "two" does not exist')
    return true
  })
})

test('where nothing can be cut off from the network, the app is not started, and that is not called proven', async () => {
  const proof = await bootLevel(portsOf({ file: yaml('') }).ports, STEP, CONTEXT)
  assert.equal(proof.state, 'skipped')
  assert.match(proof.detail, /no walls: no namespaces/)
})

test('workers and singletons are not started, and a Redis elsewhere is out of reach', async () => {
  const proof = await bootLevel(
    portsOf({ file: yaml('redis: { url: redis://elsewhere }') }).ports,
    STEP,
    CONTEXT,
  )
  assert.equal(proof.state, 'skipped')
  assert.match(proof.detail, /its Redis is elsewhere/)
  assert.deepEqual(
    proof.unproven?.map(line => line.split(' works')[0]),
    ['that mails', 'that bot'],
  )
})

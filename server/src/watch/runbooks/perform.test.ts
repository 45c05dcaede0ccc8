import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Actor } from '../../api/actor.ts'
import { parseRunbook } from './parse.ts'
import { KEPT, perform } from './perform.ts'
import type { WalkPorts } from './ports.ts'

const { runbook } = parseRunbook('x', '# T\n## Look\n```inn sql\nselect 1\n```\n')
const walk = {
  ...{ id: 1, app: 'shop', runbook: 'x', own: false, text: '', incident: null, by: 'ada', occurrence: null },
  ...{ dry: false, state: 'open' as const, begunAt: 0, endedAt: null },
}
const done = (read: WalkPorts['read']) =>
  perform(
    { read, run: () => assert.fail() },
    { walk, runbook, ix: 0, item: runbook.items[0]!, values: {}, actor: {} as Actor, say() {} },
  )

test('of what a database says only so much is kept, also of what it complains about', async () => {
  const fails = await done(async () => {
    throw new Error('x'.repeat(1_000_000))
  })
  assert.deepEqual([fails.state, fails.output!.length], ['failed', KEPT])
  const reads = await done(async () => ({ columns: ['n'], rows: [['x'.repeat(1_000_000)]], more: false }))
  assert.deepEqual([reads.state, reads.output!.length], ['done', KEPT])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planDeploy } from './changes.ts'
import { after, config, empty, wish } from './plan.fixture.ts'
import { planStop } from './scale.ts'

const RULES = { trustedProxies: ['loopback'], allow: ['10.0.0.0/8'], deny: ['10.0.0.1'], blocked: ['/seed'] }

test('a deploy brings what the edge takes from whom with the switch, and a stop leaves it', () => {
  const serving = after(empty, planDeploy(empty, wish(1, { config: { ...config, ...RULES } })))
  const guard = {
    trusted: ['127.0.0.0/8', '::1'],
    allow: ['10.0.0.0/8'],
    deny: ['10.0.0.1'],
    blocked: ['/seed'],
  }
  assert.deepEqual(serving.table?.guard, guard)
  const stopped = after(serving, planStop(serving))
  assert.deepEqual(stopped.table, { routes: [], services: {}, guard })
})

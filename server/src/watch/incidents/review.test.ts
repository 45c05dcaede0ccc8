import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MINUTE, NOW, resolved } from './incidents.fixture.ts'
import { reviewOf } from './review.ts'

const at = (kind: 'note' | 'command' | 'change' | 'alert', what: string, detail: string | null = null) => ({
  ...{ key: kind === 'change' ? 'run:r:begun' : what, at: NOW, kind, who: 'anna', what, detail },
})
const one = resolved(NOW + 28 * MINUTE, {
  ...{ title: 'cards are refused', requests: 1_000, errors: 25, acked: { by: 'otto', at: NOW } },
  ...{ openedAt: NOW - MINUTE, beganAt: NOW - 2 * MINUTE, impact: 'nobody can pay' },
})

test('the draft says what was measured, what changed and what is to be done, and asks for the rest', () => {
  const text = reviewOf(
    one,
    [at('change', 'deploy r8'), at('alert', 'critical: errors')],
    [{ id: 1, incident: 12, app: 'shop', what: 'alert on refusals', dueAt: NOW, by: 'anna', done: null }],
  )
  assert.match(text, /^# Incident 12: cards are refused\n/)
  assert.match(text, /\| noticed \| .* by keeper, after 1 min \|/)
  assert.match(text, /\| in hand \| .* by otto, after 1 min \|/)
  assert.match(text, /\| over \| .* after 30 min \|/)
  assert.match(text, /nobody can pay\n\n25 requests of 1000 were answered with an error \(2\.5 %\)/)
  assert.match(text, /What changed before and meanwhile\n\n- .* deploy r8 \(anna\)/)
  assert.match(text, /- \[ \] alert on refusals \(by /)
  assert.match(text, /## Why\n\n_/)
  const bare = reviewOf({ ...one, requests: 0, impact: null, resolved: null, acked: null }, [], [])
  assert.match(bare, /\*\*it is not over\*\*/)
  assert.match(bare, /The edge counted no request to shop/)
  assert.match(bare, /inn incident follow-up 12/)
})

test('what others wrote makes no heading, link or end of a block, and moves no cursor', () => {
  const sly = '# mine\n[x](http://evil) \u001b[2J`'
  const text = reviewOf(
    { ...one, title: sly },
    [at('note', sly), at('command', 'run psql', 'a\n```\n# b\u001b[2J')],
    [],
  )
  assert.doesNotMatch(text, /^# mine|^# b|\u001b|\[x\]\(/m)
  assert.match(text, /\n {2}````\n {2}a\n {2}```\n {2}# b\n {2}````/)
})

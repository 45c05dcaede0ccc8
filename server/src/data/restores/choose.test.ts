import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choose, type Offer } from './choose.ts'

const AT = Date.parse('2026-11-20T10:00:00Z')
const offer = (place: string, problem: string | null): Offer => ({
  place,
  backups: [],
  segments: [],
  problem,
})
const wish = (offers: Offer[]) => ({
  ...{ app: 'shop', offers, points: [], branches: [], hasFiles: false, zone: 'UTC' },
  wanted: { kind: 'time', at: AT } as const,
})

test('a place that cannot be read is named, and not taken for one that has nothing', () => {
  const disk = offer('disk', null)
  const bucket = offer('bucket', 'the place does not answer')
  assert.throws(() => choose(wish([disk])), {
    code: 'restore.target',
    why: 'there is no good backup yet',
    fix: '`inn backup now`',
  })
  assert.throws(() => choose(wish([])), { why: 'there is no good backup yet' })
  assert.throws(() => choose(wish([bucket])), {
    why: 'no place can be read now\nbucket: the place does not answer',
    fix: /make them reachable/,
  })
  assert.throws(() => choose(wish([disk, bucket])), {
    why: 'the places that can be read have no good backup yet\nbucket: the place does not answer',
    fix: /make them reachable/,
  })
  assert.throws(() => choose({ ...wish([bucket]), wanted: { kind: 'backup', label: 'x' } }), {
    code: 'backup.unknown',
    why: 'the places have none\nbucket: the place does not answer',
  })
})

test('a moment whose commits are lost is refused, with the moments around it', () => {
  const lost = { timeline: 2, since: AT + 60_000, parent: 1, moment: AT + 60_000, lost: AT - 60_000 }
  const at = (ms: number) =>
    choose({ ...wish([offer('disk', null)]), branches: [lost], wanted: { kind: 'time', at: AT + ms } })
  assert.throws(() => at(0), {
    code: 'restore.lost',
    fix: "choose a moment before or after: '2026-11-20 09:58:59 +00:00', '2026-11-20 10:01:01 +00:00'",
    facts: { from: AT - 60_000, to: AT + 60_000 },
  })
  assert.throws(() => at(-60_000), { code: 'restore.lost' })
  assert.throws(() => at(-60_001), { code: 'restore.target' })
  assert.throws(() => at(60_000), { code: 'restore.target' })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alarmsOf, certain, downNow, isAsked, type Seen } from './parts-down.ts'

const edge: Seen = { name: 'edge', state: 'up', pid: 1, seconds: 600, wanted: true, asked: true }
const frozen: Seen = { ...edge, state: 'down' }

/** What is told after these looks, two seconds apart, each as long as its parts take to be asked. */
function told(...looks: Seen[][]): string[] {
  let down: ReadonlyMap<string, number> = new Map()
  for (const [n, parts] of looks.entries()) down = downNow(down, parts, n * 2_000)
  return certain(down, (looks.length - 1) * 2_000)
}

test('a part that does not answer is told at the third look, and not when it is back before', () => {
  assert.deepEqual(told([frozen], [frozen]), [])
  assert.deepEqual(told([frozen], [frozen], [frozen]), ['edge'])
  assert.deepEqual(told([frozen], [edge], [frozen], [frozen]), [])
  assert.deepEqual(told([frozen], [frozen], [frozen], [edge]), [])
})

test('one that ended is told, one that was stopped is not, and a database that has just begun has a minute', () => {
  const always = (part: Partial<Seen>) => told(...Array.from({ length: 4 }, () => [{ ...frozen, ...part }]))
  assert.deepEqual(always({ pid: null, seconds: 1 }), ['edge'])
  assert.deepEqual(always({ wanted: false, pid: null }), [])
  assert.deepEqual(always({ name: 'shop.redis', seconds: 59 }), [])
  assert.deepEqual(always({ name: 'shop.redis', seconds: 60 }), ['shop.redis'])
  assert.deepEqual(always({ seconds: 1 }), ['edge'], 'it reads nothing')
})

test('one that is not asked each time stays what it was until it is asked again', () => {
  const cluster = { ...frozen, name: 'shop.postgres' }
  const unasked = { ...cluster, state: 'up', asked: false } as const
  assert.deepEqual(told([unasked], [unasked], [unasked]), [])
  assert.deepEqual(told([cluster], [unasked], [unasked]), ['shop.postgres'])
  assert.deepEqual(told([cluster], [unasked], [{ ...cluster, state: 'up' }]), [])
})

test('one that ended is asked until it answers: back at once, it is told to nobody; one that ends again and again is', () => {
  const ended = { ...frozen, name: 'shop.redis', pid: null, seconds: 0, asked: false }
  const begins = { ...ended, pid: 2, state: 'up' } as const
  const look = (known: ReadonlyMap<string, number>, part: Seen, answers: boolean, at: number) => {
    const asked = isAsked(part.name, false, known)
    return downNow(known, [{ ...part, asked, state: !asked || answers ? 'up' : 'down' }], at)
  }
  const known = look(new Map(), ended, false, 0)
  assert.deepEqual([...known.keys()], ['shop.redis'])
  assert.deepEqual([...look(known, begins, true, 1_000).keys()], [])
  const again = look(look(look(known, begins, false, 1_000), ended, false, 2_000), begins, false, 4_000)
  assert.deepEqual(certain(again, 4_000), ['shop.redis'])
  assert.deepEqual(
    [...look(new Map(), begins, false, 0).keys()],
    [],
    'as long as it is well it is asked seldom',
  )
})

test('each has an alarm of its own, with its app and its log', () => {
  const [first, second] = alarmsOf(['edge', 'shop.postgres'])
  assert.deepEqual([first!.name, first!.app, second!.app], ['edge', undefined, 'shop'])
  assert.match(first!.fix, /`inn logs edge`/)
  assert.match(second!.fix, /`inn logs shop --service postgres`/)
})

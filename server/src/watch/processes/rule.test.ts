import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Seen } from './processes.ts'
import { groupsOf, sentenceOf } from './rule.ts'

const seen = (pid: number, ppid: number, name: string, more: Partial<Seen> = {}): Seen => ({
  ...{ pid, ppid, name, start: 1, ticks: 0, ownBytes: 0, sharedBytes: 0, supervises: null },
  ...more,
})

test('processes are those of the service whose supervisor is above them, all others go by their program', () => {
  const found = groupsOf(
    [],
    [
      seen(1, 0, 'init'),
      seen(2, 1, 'runsvdir'),
      seen(3, 2, 'runsv', { supervises: 'shop.web.blue.1' }),
      seen(4, 3, 'node'),
      seen(5, 4, 'convert'),
      seen(6, 1, 'node'),
    ],
    100,
  )
  const shown = found.map(({ name, kind, processes }) => `${kind} ${name} ${processes}`).sort()
  assert.deepEqual(shown, [
    'program init 1',
    'program node 1',
    'program runsvdir 1',
    'service shop.web.blue.1 3',
  ])
})

test('used is what came between the looks; what started meanwhile counts whole, and what ended does not count', () => {
  const before = [seen(4, 1, 'node', { ticks: 1000 }), seen(5, 1, 'gone', { ticks: 50 })]
  const after = [
    seen(4, 1, 'node', { ticks: 1080 }),
    seen(5, 1, 'new', { start: 9, ticks: 20 }),
    seen(6, 1, 'idle'),
  ]
  const found = groupsOf(before, after, 100).map(({ name, cpu }) => [name, cpu])
  assert.deepEqual(found, [
    ['node', 0.8],
    ['new', 0.2],
    ['idle', 0],
  ])
})

test('memory that processes share counts once', () => {
  const worker = { ownBytes: 10, sharedBytes: 100 }
  const [found] = groupsOf([], [seen(4, 1, 'postgres', worker), seen(5, 4, 'postgres', worker)], 1)
  assert.equal(found!.bytes, 120)
})

test('a process that is its own ancestor ends the search', () => {
  assert.equal(groupsOf([], [seen(4, 5, 'a'), seen(5, 4, 'b')], 1).length, 2)
})

test('a message names what uses most, of each at most three', () => {
  const one = (name: string, cpu: number, bytes: number) => ({
    name,
    kind: 'program' as const,
    cpu,
    bytes,
    processes: 1,
  })
  const size = (bytes: number) => `${bytes} B`
  assert.equal(
    sentenceOf(
      [one('a', 1.5, 1), one('b', 0.5, 9), one('c', 0.3, 2), one('d', 0.1, 3), one('e', 0.001, 4)],
      size,
    ),
    'Uses most processor: a 150 %, b 50 %, c 30 %; memory: b 9 B, e 4 B, d 3 B',
  )
  assert.equal(sentenceOf([], size), null)
})

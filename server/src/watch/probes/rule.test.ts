import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../../kernel/secret.ts'
import type { Probing, Result, Standing } from './probe.ts'
import { AT_ONCE, alarmsOf, chosen, kept, observe } from './rule.ts'

const probing = (more: Partial<Probing> = {}): Probing => ({
  ...{
    app: 'shop',
    name: 'api',
    instance: null,
    own: false,
    kind: 'redis',
    shown: 'redis://h',
    level: 'critical',
  },
  target: { kind: 'redis', url: new Secret('redis://:x@h') },
  ...{ everyMs: 60_000, timeoutMs: 1_000, failures: 3 },
  ...more,
})
const result = (ok: boolean, at: number): Result => ({ ok, at, ms: 3, said: ok ? 'fine' : 'refused' })

/** What is remembered after results that come a minute apart: `.` good, `x` bad. */
function after(marks: string, failures = 3): Standing {
  let standing: Standing | null = null
  for (const [n, mark] of [...marks].entries())
    standing = observe(standing, result(mark === '.', n * 60), failures)
  return standing!
}

test('a probe fails after so many failures in a row, since the first of them, and is well with one good answer', () => {
  const cases: Array<[marks: string, state: Standing['state'], since: number, bad: number]> = [
    ['.', 'ok', 0, 0],
    ['...', 'ok', 0, 0],
    ['x', 'waiting', 0, 1],
    ['xx', 'waiting', 0, 2],
    ['xxx', 'failing', 0, 3],
    ['.xx', 'ok', 0, 2],
    ['.xx.xx', 'ok', 0, 2],
    ['.xxx', 'failing', 60, 3],
    ['.xxxxx', 'failing', 60, 5],
    ['.xxx.', 'ok', 240, 0],
    ['.xxx.x', 'ok', 240, 1],
  ]
  for (const [marks, state, since, bad] of cases) {
    const seen = after(marks)
    assert.deepEqual([seen.state, seen.since, seen.bad], [state, since, bad], marks)
  }
  assert.equal(after('.x', 1).state, 'failing')
})

test('what is due longest is asked first, within bounds for all, for an app, and for commands', () => {
  const of = (app: string, n: number, kind: Probing['kind'] = 'tcp') =>
    Array.from({ length: n }, (_, i) => ({ probing: probing({ app, name: `${i}`, kind }), at: i }))
  const names = (all: Probing[]) => all.map(one => `${one.app}${one.name}`)
  assert.deepEqual(names(chosen(of('a', 20), [])), ['a0', 'a1', 'a2'], 'one app holds up no others')
  assert.equal(chosen([...of('a', 9), ...of('b', 9), ...of('c', 9)], []).length, AT_ONCE.all)
  assert.deepEqual(names(chosen(of('a', 5, 'command'), [])), ['a0', 'a1'])
  const hung = of('a', 3).map(one => one.probing)
  assert.deepEqual(names(chosen([...of('a', 2), ...of('b', 1)], hung)), ['b0'])
  assert.deepEqual(names(chosen(of('a', 2).reverse(), hung.slice(0, 2))), ['a0'])
})

test('an alarm names app, probe, since when and what was seen, and is the same each time it is asked for', () => {
  const standing = after('xxx')
  const [alarm] = alarmsOf([{ probing: probing(), standing }])
  assert.deepEqual(
    [alarm!.code, alarm!.level, alarm!.app, alarm!.name],
    ['probe.failed', 'late', 'shop', 'api'],
  )
  assert.equal(alarm!.what, 'the probe api of shop fails since 1970-01-01 00:00 UTC: refused')
  assert.match(alarm!.fix, /it asks redis:\/\/h: `inn probes shop`/)
  const each = ['api.blue.1', 'api.blue.2'].map(instance => ({ probing: probing({ instance }), standing }))
  const both = alarmsOf([...each, { probing: probing({ name: 'db', level: 'warning' }), standing }])
  assert.deepEqual(
    both.map(({ name, level }) => [name, level]),
    [
      ['api', 'late'],
      ['db', 'soon'],
    ],
  )
  assert.match(both[0]!.what, /and 1 other instance with it/)
})

test('what is wanted no more is remembered no more', () => {
  const standing = after('x')
  const all = new Map([
    ['shop/api/', standing],
    ['shop/gone/', standing],
    ['shop/api/api.blue.1', standing],
  ])
  assert.deepEqual([...kept(all, [probing()]).keys()], ['shop/api/'])
})

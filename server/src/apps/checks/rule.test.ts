import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../config/read.ts'
import type { InstanceState } from '../app/wire.ts'
import { leftOut, type Patient, replaceNow, type Seen, stateOf } from './rule.ts'

const service = (more = '') =>
  readConfig(`name: a\nservices: { a: { start: node a${more} } }`).config!.services[0]!
const SECOND = 1000

test('an instance fails when checks failed and no good answer came for interval × retries', () => {
  const { health } = service()
  const seen: Seen = { pid: 7, startedAt: 0, goodAt: 100 * SECOND, bad: 0, again: false }
  const at = (more: Partial<Seen>, seconds: number) => stateOf({ ...seen, ...more }, health, seconds * SECOND)
  assert.equal(at({}, 101), 'ready')
  assert.equal(at({ bad: 2 }, 102), 'ready', 'two bad answers are no failure yet')
  assert.equal(at({ bad: 1 }, 102.7), 'failing', 'one check, without an answer for as long')
  assert.equal(at({ bad: 0 }, 130), 'ready', 'nothing spoke against it')
  assert.equal(at({ pid: null, bad: 9 }, 102), 'down')
})

test('with one retry the first failed check is enough, and a patient service is waited for', () => {
  const seen: Seen = { pid: 7, startedAt: 0, goodAt: 0, bad: 1, again: false }
  assert.equal(stateOf(seen, service(', health: { retries: 1 }').health, SECOND), 'failing')
  assert.equal(stateOf(seen, service(', health: { retries: 10 }').health, 8.9 * SECOND), 'ready')
})

test('a new process starts until its first good answer, for startPeriod at most', () => {
  const { health } = service(', health: { startPeriod: 5s }')
  const seen: Seen = { pid: 7, startedAt: 0, goodAt: null, bad: 4, again: false }
  assert.equal(stateOf(seen, health, 4.9 * SECOND), 'starting')
  assert.equal(stateOf(seen, health, 5 * SECOND), 'failing')
})

test('what is not well is left out while another one is well', () => {
  const cases: Array<[string, string]> = [
    ['ready ready', ''],
    ['ready failing', '1'],
    ['failing failing', ''],
    ['failing ready failing', '0 2'],
    ['ready starting', ''],
    ['ready starting+', '1'],
    ['starting starting+', ''],
    ['down ready', '0'],
    ['failing', ''],
  ]
  for (const [states, out] of cases) {
    const group = states.split(' ').map((word, n) => ({
      n,
      state: word.replace('+', '') as InstanceState,
      again: word.endsWith('+'),
    }))
    const found = leftOut(group)
    assert.equal(found.map(one => one.n).join(' '), out, states)
  }
})

test('what fails is replaced after a wait that doubles up to its bound; never, where the file says so', () => {
  const { restart } = service(', restart: { after: 10s, longest: 30s }')
  const waits = (times: number, more: Partial<Patient> = {}) => {
    const patient: Patient = {
      state: 'failing',
      restart,
      care: { times, at: 0 },
      since: 0,
      overMemory: false,
      ...more,
    }
    return [9, 10, 19, 20, 29, 30].filter(seconds => replaceNow(patient, seconds * SECOND) === 'failing')[0]
  }
  assert.deepEqual([waits(0), waits(1), waits(2), waits(9)], [10, 20, 30, 30])
  assert.equal(waits(0, { since: 10 * SECOND }), 20, 'it counts from when it began to fail')
  assert.equal(waits(0, { care: { times: 0, at: 10 * SECOND } }), 20, 'and from the last replacement')
  assert.equal(waits(0, { restart: false }), undefined)
  assert.equal(waits(0, { state: 'starting' }), undefined)
})

test('what is over its memory is replaced at once, and again only after a wait', () => {
  const { restart } = service()
  const patient: Patient = { state: 'ready', restart, care: { times: 0, at: 0 }, since: 0, overMemory: true }
  assert.equal(replaceNow(patient, 1), 'memory')
  assert.equal(replaceNow({ ...patient, overMemory: false }, 1), null)
  assert.equal(replaceNow({ ...patient, care: { times: 1, at: 0 } }, 19 * SECOND), null)
  assert.equal(replaceNow({ ...patient, care: { times: 1, at: 0 } }, 20 * SECOND), 'memory')
  assert.equal(replaceNow({ ...patient, restart: false }, 1), 'memory', 'a bound on memory is a bound')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signInAttempts } from './attempts.ts'

function attempts() {
  let at = 0
  const kept = signInAttempts(() => at)
  return {
    pass(ms: number) {
      at += ms
    },
    begin: (email: string, address: string | null = null) => kept.begin({ email, address }),
    /** How many of `n` guesses in a row may be tried. */
    guesses: (n: number, attempt: (i: number) => { email: string; address: string | null }) =>
      Array.from({ length: n }, (_, i) => kept.begin(attempt(i)).waitMs).filter(ms => ms === 0).length,
  }
}

test('a few failures are free, then each makes the next wait longer, up to a minute', () => {
  const { begin, pass, guesses } = attempts()
  assert.equal(
    guesses(20, () => ({ email: 'anna@x.org', address: '10.0.0.1' })),
    5,
  )
  const waits = Array.from({ length: 9 }, () => {
    const { waitMs } = begin('anna@x.org', '10.0.0.1')
    pass(waitMs)
    assert.equal(begin('Anna@X.org', '10.0.0.1').waitMs, 0, 'the wait has an end')
    return waitMs
  })
  assert.deepEqual(waits.slice(0, 6), [1_000, 2_000, 4_000, 8_000, 16_000, 32_000])
  assert.equal(Math.max(...waits), 60_000)
})

test('whoever changes addresses guesses no faster', () => {
  const { guesses } = attempts()
  assert.equal(
    guesses(500, i => ({ email: 'anna@x.org', address: `10.0.${i}.1` })),
    15,
  )
})

test('whoever changes persons guesses no faster from one address', () => {
  const { guesses } = attempts()
  assert.equal(
    guesses(500, i => ({ email: `p${i}@x.org`, address: '10.0.0.1' })),
    40,
  )
})

test('another person is not held up, nor the same one where they signed in before', () => {
  const { begin, guesses } = attempts()
  begin('anna@x.org', '10.0.0.7').good()
  guesses(500, i => ({ email: 'anna@x.org', address: `10.1.${i}.1` }))
  guesses(500, () => ({ email: 'anna@x.org', address: null }))
  assert.equal(begin('ben@x.org', '10.0.0.8').waitMs, 0)
  assert.equal(begin('ben@x.org', null).waitMs, 0)
  assert.equal(begin('anna@x.org', '10.0.0.7').waitMs, 0)
})

test('a right password is no failure, and all is forgotten after a while', () => {
  const { begin, pass, guesses } = attempts()
  for (let i = 0; i < 50; i++) begin('anna@x.org', '10.0.0.1').good()
  assert.equal(begin('anna@x.org', '10.0.0.1').waitMs, 0)
  guesses(20, () => ({ email: 'anna@x.org', address: '10.0.0.1' }))
  assert.ok(begin('anna@x.org', '10.0.0.1').waitMs > 0)
  pass(16 * 60_000)
  assert.equal(
    guesses(20, () => ({ email: 'anna@x.org', address: '10.0.0.1' })),
    5,
  )
})

test('made-up people push nobody out who is guessed at', () => {
  const { begin, guesses } = attempts()
  guesses(30, () => ({ email: 'anna@x.org', address: null }))
  guesses(25_000, i => ({ email: `p${i}@x.org`, address: null }))
  assert.ok(begin('anna@x.org').waitMs > 0)
})

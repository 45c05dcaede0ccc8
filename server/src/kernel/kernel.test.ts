import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { expand, parseArgv } from './argv.ts'
import { parseDuration, showDuration } from './durations.ts'
import { describe, Failure, lines } from './failure.ts'
import { Secret } from './secret.ts'
import { parseSize, showSize } from './sizes.ts'
import { didYouMean, unmarked } from './words.ts'

test('durations and sizes are read with their units, and nothing else is', () => {
  assert.deepEqual(
    ['30s', '1h30m', '500ms', '1.5m', '2 d'].map(parseDuration),
    [30_000, 5_400_000, 500, 90_000, 172_800_000],
  )
  assert.deepEqual(['', '30', 's', '30x', '5 m and 3', '-5s'].map(parseDuration), [
    null,
    null,
    null,
    null,
    null,
    null,
  ])
  assert.deepEqual(['256MB', '1.5 GB', '10k', '7'].map(parseSize), [268_435_456, 1_610_612_736, 10_240, 7])
  assert.equal(parseSize('lots'), null)
  assert.deepEqual([340, 4_200, 190_000, 7_500_000].map(showDuration), [
    '340 ms',
    '4.2 s',
    '3 min 10 s',
    '2 h 5 min',
  ])
  assert.deepEqual([12, 12_288, 1_503_238_553].map(showSize), ['12 B', '12 KB', '1.4 GB'])
})

test('a command is split as a shell would quote it, and what needs a shell is refused', () => {
  assert.deepEqual(parseArgv(`node -e 'a b' "c \\"d\\"" e\\ f ""`), {
    argv: ['node', '-e', 'a b', 'c "d"', 'e f', ''],
  })
  for (const bad of ['a && b', 'a | b', 'a > b', 'a; b', 'a `b`', `a 'b`, ''])
    assert.ok('problem' in parseArgv(bad), bad)
})

test('any words, once quoted, come back as they were', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ minLength: 1 }).filter(s => !s.includes("'")),
        { minLength: 1 },
      ),
      words => {
        assert.deepEqual(parseArgv(words.map(word => `'${word}'`).join(' ')), { argv: words })
      },
    ),
  )
})

test('variables are replaced after splitting, so a value is never split or read again', () => {
  assert.equal(expand('--port=$PORT/${A}/$NONE', { PORT: '80', A: 'x y $PORT' }), '--port=80/x y $PORT/$NONE')
})

test('a secret does not print', () => {
  const secret = new Secret('hunter2')
  assert.deepEqual(
    [`${secret}`, JSON.stringify({ secret }), inspect(secret)],
    ['[redacted]', '{"secret":"[redacted]"}', '[redacted]'],
  )
})

test('a near word is suggested, a far one is not', () => {
  assert.equal(didYouMean('instnaces', ['instances', 'memory']), 'instances')
  assert.equal(didYouMean('zzz', ['instances', 'memory']), null)
})

test('a driver knows no app: whoever does puts its name into the commands, and nowhere else', () => {
  const failure = new Failure('x', 'it is silent', {
    why: 'APP said so (inn logs APP --service postgres)',
    fix: '`inn logs APP --service postgres` and `inn recovery database APP`; APP_KEY stays',
  })
  assert.equal(describe(failure).fix, failure.fix)
  const { why, fix } = describe(failure, 'shop')
  assert.equal(why, 'APP said so (inn logs shop --service postgres)')
  assert.equal(fix, '`inn logs shop --service postgres` and `inn recovery database shop`; APP_KEY stays')
})

test('a failure has three lines; what is none says that it is a defect', () => {
  assert.equal(
    lines(new Failure('a.b', 'it broke', { why: 'one\ntwo', fix: 'mend it' }).toJSON()),
    'it broke\n  why: one\n       two\n  fix: mend it',
  )
  assert.equal(describe(new TypeError('x')).code, 'internal')
})

test('a terminal shows the commands of a fix without their backticks, and what a program said as it was', () => {
  assert.equal(
    unmarked('`inn logs shop` says why, or ` stands alone'),
    'inn logs shop says why, or ` stands alone',
  )
  assert.equal(unmarked('a ` in one line\nand a ` in the next'), 'a ` in one line\nand a ` in the next')
  const failure = new Failure('a.b', 'it broke', {
    why: 'run `npm fund`',
    fix: '`inn status`, then `inn up`',
  })
  assert.equal(lines(failure.toJSON()), 'it broke\n  why: run `npm fund`\n  fix: inn status, then inn up')
})

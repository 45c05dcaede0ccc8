import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Matcher,
  matches,
  readMatcher,
  sameMatchers,
  silencedBy,
  stateOf,
  wrongMatchers,
} from './silence.ts'

const matcher = (text: string): Matcher => readMatcher(text)!
const LABELS = { alertname: 'DiskFull', app: 'shop' }

const CASES: Array<[string, boolean]> = [
  ['DiskFull', true],
  ['alertname=DiskFull', true],
  ['alertname="Disk"', false],
  ['alertname=~"Disk"', false],
  ['alertname=~"Disk.*"', true],
  ['alertname!~"Disk.*"', false],
  ['app!=cms', true],
  ['host=""', true],
  ['host!=""', false],
  ['host=~".*"', true],
]
for (const [text, expected] of CASES)
  test(`${text} ${expected ? 'matches' : 'does not match'}`, () =>
    assert.equal(matches(matcher(text), LABELS), expected))

test('what is no matcher', () => {
  for (const text of ['', '=x', 'a b', '1a=b']) assert.equal(readMatcher(text), null, text)
})

test('a silence has a condition, of which one does not match everything', () => {
  assert.match(wrongMatchers([])!, /at least one matcher/)
  assert.match(wrongMatchers([matcher('app=~".*"')])!, /empty string/)
  assert.match(wrongMatchers([matcher('app=~"("')])!, /regular expression/)
  for (const backtracks of ['(?=a)a', '(?!a)b', '(?<=a)b', String.raw`(a)\1`, String.raw`(?<n>a)\k<n>`])
    assert.match(
      wrongMatchers([{ name: 'app', value: backtracks, isRegex: true, isEqual: true }])!,
      /regular expression/,
      backtracks,
    )
  assert.equal(
    wrongMatchers([{ name: 'app', value: '(?:shop|api)-\\d+', isRegex: true, isEqual: true }]),
    null,
  )
  assert.equal(wrongMatchers([matcher('app=~".*"'), matcher('app!=""')]), null)
})

test('it counts from its start to its end', () => {
  const silence = {
    id: 's',
    matchers: [matcher('app=shop')],
    startsAt: 10,
    endsAt: 20,
    updatedAt: 0,
    createdBy: '',
    comment: '',
  }
  assert.deepEqual(
    [9, 10, 19, 20].map(now => stateOf(silence, now)),
    ['pending', 'active', 'active', 'expired'],
  )
  assert.deepEqual(
    [9, 10, 20].map(now => silencedBy(LABELS, [silence], now).length),
    [0, 1, 0],
  )
})

test('the order of conditions makes no other silence', () => {
  const [one, two] = [matcher('a=b'), matcher('c=d')]
  assert.equal(sameMatchers([one, two], [two, one]), true)
  assert.equal(sameMatchers([one], [two]), false)
})

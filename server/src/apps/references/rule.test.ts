import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../kernel/failure.ts'
import type { Answered } from './ports.ts'
import { isDue, lastLine, mayBeStale, saidBy } from './rule.ts'

const about = {
  ...{ name: 'KEY', app: 'shop@staging', hidden: { TOKEN: ['a-credential'], KEY: ['the old value'] } },
  reference: { argv: ['op', 'read', 'op://shop/key'], timeoutMs: 10_000 },
}
const said = (more: Partial<Answered>) =>
  saidBy({ ended: 'itself', code: 0, output: Buffer.from(''), said: '', ...more }, about)
const why = (more: Partial<Answered>): string => {
  try {
    said(more)
  } catch (error) {
    if (error instanceof Failure && error.code === 'secret.unresolved') return error.why
    throw error
  }
  return 'nothing'
}

test('the value is all that a command prints, but for one line break at its end', () => {
  for (const [printed, value] of [
    ['s3cret\n', 's3cret'],
    ['s3cret', 's3cret'],
    ['s3cret\r\n', 's3cret'],
    [' two\nlines\n\n', ' two\nlines\n'],
    ['\ufeffmarked', '\ufeffmarked'],
  ] as const)
    assert.equal(said({ output: Buffer.from(printed) }), value)
})

test('why there is no value', () => {
  const table: Array<[Partial<Answered>, RegExp]> = [
    [{ ended: 'late', code: null }, /^op did not end within 10 s, and was ended$/],
    [{ ended: 'large', code: null }, /^op printed more than 64 KB$/],
    [{ code: 127 }, /^there is no program op that it may run$/],
    [
      { code: 126, said: 'confine: 10: exec: /usr/bin/op: Permission denied\n' },
      /^there is no program op that/,
    ],
    [{ code: 127, said: 'sh: 1: jq: not found\n' }, /^op ended with 127: sh: 1: jq: not found$/],
    [{ code: 1, said: 'a\n[ERROR] no such item\n\n' }, /^op ended with 1: \[ERROR\] no such item$/],
    [{ code: null }, /^op ended with a signal, and said nothing$/],
    [{ output: Buffer.from('\n') }, /^op printed nothing$/],
    [{ output: Buffer.from([0xff, 0xfe]) }, /is no text$/],
    [{ output: Buffer.from('a\0b') }, /is no text$/],
    // What failed printed no value, however much it printed.
    [{ code: 1, output: Buffer.from('half of it') }, /^op ended with 1, and said nothing$/],
  ]
  for (const [ended, tells] of table) assert.match(why(ended), tells)
})

test('what a command said is told without what is secret in it', () => {
  const lines: Array<[string, string]> = [
    ['401 for a-credential', '401 for ***TOKEN***'],
    ['was: the old value', 'was: ***KEY***'],
    ['got the new value', 'got ***value***'],
    ['token hvs.CAESIJ3yOzqXkq1w2e3r4t expired', 'token hvs.… expired'],
    ['Authorization: Bearer=eyJhbGciOiJIUzI1NiJ9', 'Authorization: …'],
    [
      'lookup vault-1.eu-central-1.example.com: no such host',
      'lookup vault-1.eu-central-1.example.com: no such host',
    ],
    [
      '"op://shop/stripe/key" is not an item of vault shop-production',
      '"op://shop/stripe/key" is not an item of vault shop-production',
    ],
    ['\u001b[31mred\u001b[0m\r', 'red'],
  ]
  const hidden = { ...about.hidden, value: ['the new value'] }
  for (const [line, told] of lines) assert.equal(lastLine(`first\n${line}\n`, hidden), told)
  assert.equal(lastLine('x y '.repeat(1_000), {}).length, 300)
  assert.equal(lastLine('', {}), '')
})

test('a value is asked for anew, and does for the time of a failure, by its age', () => {
  const one = { argv: ['a'], with: [], timeoutMs: 1, cacheMs: 300, staleMs: 1_000, at: 5_000 }
  assert.deepEqual([isDue(one, 5_299), isDue(one, 5_300)], [false, true])
  assert.equal(isDue({ ...one, cacheMs: 0 }, 5_000), true)
  assert.deepEqual([mayBeStale(one, 5_999), mayBeStale(one, 6_000)], [true, false])
  assert.equal(mayBeStale({ ...one, staleMs: 0 }, 5_000), false)
})

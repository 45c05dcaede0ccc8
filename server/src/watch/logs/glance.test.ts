import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { glance as glanceOf } from './glance.ts'
import { NESTED, SAID } from './level.fixture.ts'
import { isOdd } from './odd.ts'
import { headOf, parseLine, wanted } from './read.ts'
import type { LogFilter } from './wire.ts'

/** Of a line, also as a block of its own. */
const glance = (filter: LogFilter) => (text: string) => {
  const { inBlock, lines } = glanceOf(filter)
  const odd = isOdd(Buffer.from(text))
  return inBlock(text, odd) && [...lines(text, odd)].length > 0
}

const line = (text: string) => `2026-11-20T10:00:01.00000 r1 ${text}`

test('what cannot match is passed over, also a whole block', () => {
  const may = glance({ grep: 'Bank' })
  assert.equal(may(line('{"msg":"the BANK is away"}')), true)
  assert.equal(may([line('one'), line('two')].join('\n')), false)
  assert.equal(glance({ field: ['req.url=/rooms/7'] })(line('{"req":{"url":"/rooms/8"}}')), false)
})

test('what is not plain ASCII is noticed wherever it stands', () => {
  const plain = Buffer.from(`abc \t~\n${'x'.repeat(30)}\n`)
  for (let from = 0; from < 5; from++) assert.equal(isOdd(plain.subarray(from)), false)
  for (const sign of [0, 8, 0x0b, 0x0d, 0x1b, 0x1f, 0x7f, 0x80, 0xff])
    for (let at = 0; at < plain.length; at++) {
      const other = Buffer.from(plain)
      other[at] = sign
      assert.equal(isOdd(other), true, `${sign} at ${at}`)
    }
})

test('what is no filter of text, or may be written otherwise, is read', () => {
  for (const filter of [{}, { level: 'info' }, { service: 'web' }] satisfies LogFilter[])
    assert.equal(glance(filter)(line('y')), true)
  assert.equal(glance({ grep: 'bank' })(line('b\u001b[1mank')), true)
  assert.equal(glance({ field: ['url=/x'] })(line(String.raw`{"url":"\/x"}`)), true)
  assert.equal(glance({ field: ['name=Ä'] })(line(String.raw`{"name":"\u00c4"}`)), true)
})

test('what is at a level is never passed over, and what is not mostly is', () => {
  for (const [text, level] of [...SAID, ...NESTED]) {
    if (level === 'error') assert.equal(glance({ level: 'error' })(line(text)), true, text)
    if (level === 'warn') assert.equal(glance({ level: 'warn' })(line(text)), true, text)
  }
  assert.equal(glance({ level: 'error' })(line('{"level":40,"msg":"request completed"}')), false)
  assert.equal(glance({ level: 'warn' })(line('{"level":30,"msg":"request completed"}')), false)
  assert.equal(glance({ level: 'error', grep: 'x' })(line('{"level":50,"msg":"y"}')), false)
})

test('no line that is wanted is ever passed over', () => {
  const word = fc.string({ unit: 'grapheme', maxLength: 6 })
  const said = fc.oneof(
    word,
    fc
      .dictionary(word, fc.oneof(word, fc.integer(), fc.dictionary(word, word)))
      .map(value => JSON.stringify(value)),
  )
  const filter = fc.record(
    {
      grep: word,
      field: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'a.b'), word).map(pair => pair.join('='))),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(said, filter, (text, filter) => {
      const raw = line(text.replaceAll('\n', ' '))
      const parsed = parseLine(raw, { service: 'web', n: 1 })
      if (parsed !== null && wanted(parsed, filter, 0)) assert.equal(glance(filter)(raw), true, raw)
    }),
  )
  const value = fc.constantFrom('x', 'x/y', '"', '\\', 'Ä', '\u2028', ' ', '7', 'K', 'İ')
  fc.assert(
    fc.property(value, value, (a, b) => {
      const raw = line(JSON.stringify({ [a]: b, c: { [a]: b } }))
      const parsed = parseLine(raw, { service: 'web', n: 1 })!
      for (const filter of [{ field: [`${a}=${b}`] }, { field: [`c.${a}=${b}`] }, { grep: b }])
        if (wanted(parsed, filter, 0)) assert.equal(glance(filter)(raw), true, raw)
    }),
  )
})

test('of a block, no line at a level is passed over, whatever stands around it', () => {
  const texts = [
    ...[...SAID, ...NESTED].map(([text]) => text),
    ...[
      'plain',
      '    at f (/srv/a.js:1:2)',
      'grün',
      'b\u001b[1mank',
      '{"level":30}',
      '{"level":30,"a":{"level":50}}',
    ],
  ]
  const filter = fc.record({ level: fc.constantFrom('error', 'warn') })
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...texts), { minLength: 1, maxLength: 8 }),
      filter,
      (said, filter) => {
        const raw = said.map(text => line(text.replaceAll('\n', ' ')))
        const parsed = raw.map(text => parseLine(text, { service: 'web', n: 1 })!)
        const block = raw.join('\n')
        const found = [...glanceOf(filter).lines(block, isOdd(Buffer.from(block)))]
        const seen = new Set(found.map(([start, end]) => block.slice(start, end)))
        for (const [n, one] of parsed.entries())
          if (wanted(headOf(one, parsed[n + 1]), filter, 0)) assert.ok(seen.has(raw[n]!), raw[n])
      },
    ),
    { numRuns: 2_000 },
  )
})

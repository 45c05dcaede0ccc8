import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { glance } from './glance.ts'
import { parseLine, wanted } from './read.ts'
import type { LogFilter } from './wire.ts'

const line = (text: string) => `2026-11-20T10:00:01.00000 r1 ${text}`

test('what cannot match is passed over, also a whole block', () => {
  const may = glance({ grep: 'Bank' })
  assert.equal(may(line('{"msg":"the BANK is away"}')), true)
  assert.equal(may([line('one'), line('two')].join('\n')), false)
  assert.equal(glance({ field: ['req.url=/rooms/7'] })(line('{"req":{"url":"/rooms/8"}}')), false)
})

test('what is no filter of text, or may be written otherwise, is read', () => {
  for (const filter of [{}, { level: 'error', grep: 'x' }, { service: 'web' }] satisfies LogFilter[])
    assert.equal(glance(filter)(line('y')), true)
  assert.equal(glance({ grep: 'bank' })(line('b\u001b[1mank')), true)
  assert.equal(glance({ field: ['url=/x'] })(line(String.raw`{"url":"\/x"}`)), true)
  assert.equal(glance({ field: ['name=Ä'] })(line(String.raw`{"name":"\u00c4"}`)), true)
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

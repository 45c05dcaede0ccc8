import assert from 'node:assert/strict'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { lookupWithin, quickLookup } from './lookup.ts'

test('a name that no DNS server answers for is told by its name, soon, and an answer that comes later changes nothing', async () => {
  let answers: () => void = () => {}
  const hangs = lookupWithin((_name, _options, done) => {
    answers = () => done(null, '127.0.0.1', 4)
  }, 20)
  let told = 0
  const error = await new Promise<Error | null>(resolve =>
    hangs('away.example', {}, found => {
      told++
      resolve(found)
    }),
  )
  answers()
  assert.match(String(error), /no DNS server answered within 0\.02 s .* away\.example/)
  assert.equal(told, 1)
})

test('a name that is known is looked up as ever', async () => {
  assert.ok(await promisify(quickLookup)('localhost', {}))
})

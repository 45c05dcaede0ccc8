import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exported, Unread } from './literal.ts'

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

test('literals of a module are read, with comments, constants of the file and spreads of them', () => {
  const found = exported(`// the harbour
const { join } = require('node:path')
const base = { instances: 2, 'max-memory': "300M" }
const port: number = 3_000;
module.exports = {
  /* one */ apps: [{ ...base, name: 'it\\'s', port, args: [\`-q\`, -1.5,], on: true, none: null }, ],
}
process.exit(1)`)
  assert.deepEqual(plain(found), {
    apps: [
      {
        instances: 2,
        'max-memory': '300M',
        name: "it's",
        port: 3000,
        args: ['-q', -1.5],
        on: true,
        none: null,
      },
    ],
  })
})

test('what is no literal is said with its source, and nothing of it is run', () => {
  const marker = 'innkeeperReadThis'
  const found = exported(`export default {
    name: 'a' + 'b', memory: \`\${size}M\`, host: require('os').hostname(), cwd: __dirname,
    when: (globalThis.${marker} = true, 1), method() { return { a: 1 } }, [key]: 1, last: 'kept',
  }`) as Record<string, unknown>
  const sources = Object.fromEntries(
    Object.entries(found).map(([key, value]) => [key, value instanceof Unread ? value.source : value]),
  )
  assert.equal(sources['name'], "'a' + 'b'")
  assert.equal(sources['host'], "require('os').hostname()")
  assert.equal(sources['cwd'], '__dirname')
  assert.equal(sources['last'], 'kept')
  assert.ok(found['memory'] instanceof Unread && found['when'] instanceof Unread)
  assert.equal((globalThis as Record<string, unknown>)[marker], undefined)
  assert.ok(exported('module.exports = () => ({ apps: [] })') instanceof Unread)
  assert.ok(exported('console.log(1)') instanceof Unread)
})

test('all of JSON is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), value => {
      if (typeof value !== 'object' || value === null) return
      const text = JSON.stringify(value)
      // Escapes by numbers and keys of the language itself are for files that nobody writes by hand.
      fc.pre(!/\\u|\\b|\\f|__proto__/.test(text))
      assert.deepEqual(plain(exported(text)), JSON.parse(text))
    }),
  )
})

test('any text ends, soon, in a value', () => {
  const pieces = fc.constantFrom(
    'module.exports = ',
    '{',
    '}',
    '[',
    ']',
    'a',
    ':',
    ',',
    '"',
    "'",
    '`',
    '/*',
    '*/',
    '//',
    '\n',
    '...',
    '(',
    ')',
    '1',
    '\\',
    '${',
  )
  fc.assert(fc.property(fc.array(pieces, { maxLength: 60 }), all => void exported(all.join(''))))
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), text => void exported(text)))
  const started = performance.now()
  for (const piece of ['{a:', '[', '/*', '(', "'", 'const a = [a,a]\n', '{...a,']) {
    exported(`module.exports = ${piece.repeat(4_000)}`)
    exported(`${piece.repeat(4_000)}\nmodule.exports = [a,a,a]`)
  }
  assert.ok(performance.now() - started < 5_000)
})

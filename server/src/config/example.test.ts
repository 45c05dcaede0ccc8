import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { parse } from 'yaml'
import { sizeText } from './fields.ts'
import { durationText, jsonSchema } from './json-schema.ts'
import { fillTables, keys } from './keys.ts'
import { readConfig } from './read.ts'

const root = join(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const AGAIN =
  'run: node server/src/config/write-schema.ts (with the Node that package.json asks for), and commit what it wrote'
const example = read('docs/innkeeper.example.yaml')
/** `url` and `postgres` with its `pooling` exclude each other, and so do an authority and files of one's own: the commented lines make a second example. */
const second = example
  .replace(/^ {2}postgres:\n.*\n {4}version: .*\n/m, '')
  .replace(/^ {2}pooling:\n(?: {4}.*\n)+/m, '')
  .replace('  # url:', '  url:')
  .replace(', rpo: 0', '')
  .replace(/^tls:\n[\s\S]*?^ {2}# certificate:/m, 'tls:\n  certificate:')
  .replace('  # key: /etc', '  key: /etc')
  .replace(/^redis:\n.*$/m, 'redis: true')
  // Of a database that Innkeeper runs alone.
  .replace(/^retention:\n[\s\S]*?(?=^# )/m, '')

/** Paths of a document as the schema has them: `*` stands for a name that the app chooses. */
function pathsOf(value: unknown, known: ReadonlySet<string>, prefix = ''): string[] {
  if (Array.isArray(value)) return value.flatMap(inner => pathsOf(inner, known, `${prefix}*.`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = known.has(prefix + key) ? prefix + key : `${prefix}*`
    return [path, ...pathsOf(inner, known, `${path}.`)]
  })
}

test('the commented example is accepted, and so is its alternative', () => {
  assert.notEqual(second, example)
  assert.deepEqual(readConfig(example).problems, [])
  assert.deepEqual(readConfig(second).problems, [])
})

test('every key of the schema stands in the commented example', () => {
  const all = keys().map(key => key.path)
  const known = new Set(all)
  const there = new Set([example, second].flatMap(text => pathsOf(parse(text), known)))
  // Values of all environments have the same form, which the example shows once, under env.
  const shown = all.filter(
    path => !/(^|\.)\w*[eE]nv\.\*\.|url\.(?:generate|from)$/.test(path) || path.startsWith('env.'),
  )
  const missing = shown.filter(path => !there.has(path))
  assert.deepEqual(
    missing,
    [],
    `docs/innkeeper.example.yaml does not show ${missing.join(', ')}: add each with its meaning, default and unit`,
  )
})

test('a default that the example names is the default', () => {
  const { config } = readConfig('name: a\nservices: { a: { start: node a.js } }')
  const facts: Array<[string, string]> = [
    ['watch', durationText(config!.watch)],
    ['warm', durationText(config!.warm)],
    ['keep', String(config!.keep)],
    ['buildTimeout', durationText(config!.buildTimeout)],
    ['maxBody', sizeText(config!.maxBody)],
    ['timeout', durationText(config!.timeout)],
  ]
  for (const [key, value] of facts)
    assert.match(example, new RegExp(`Default: ${value}\\b.*\\n${key}: ${value}$`, 'm'), key)
})

test('every key has a meaning in words', () => {
  const bare = keys().filter(key => key.description === '')
  assert.deepEqual(
    bare.map(key => key.path),
    [],
    'give each a .describe() in schema.ts',
  )
})

test('the schema for editors is the one that the reader has', () => {
  const committed = JSON.parse(read('docs/innkeeper.schema.json')) as unknown
  assert.ok(
    isDeepStrictEqual(committed, JSON.parse(JSON.stringify(jsonSchema()))),
    `docs/innkeeper.schema.json is old: ${AGAIN}`,
  )
})

test('durations and sizes are text in the schema for editors, with their defaults as the file writes them', () => {
  const found = Object.fromEntries(keys().map(key => [key.path, key]))
  assert.deepEqual([found['warm']!.type, found['warm']!.default], ['duration', '10m'])
  assert.deepEqual([found['maxBody']!.type, found['maxBody']!.default], ['size', '50MB'])
  assert.deepEqual(
    [found['services.*.health.startPeriod']!.default, found['services.*.memory']!.type],
    ['30s', 'size'],
  )
})

test('the tables of the reference are those of the schema', () => {
  const reference = read('docs/innkeeper-yaml.md')
  // Not equal(): its message would print both texts.
  assert.ok(fillTables(reference) === reference, `docs/innkeeper-yaml.md is old: ${AGAIN}`)
  const sections = [...reference.matchAll(/<!-- keys: ?(\S*) -->/g)].map(match => match[1]!)
  const left = keys().filter(
    key =>
      !sections.includes(key.path.split('.').slice(0, -1).join('.')) &&
      !/\.(?:generate|from|database|redis|by\.\w+)$/.test(key.path),
  )
  assert.deepEqual(
    left.map(key => key.path),
    [],
    'no table of docs/innkeeper-yaml.md shows these',
  )
})

test('every example of the reference is accepted', () => {
  const blocks = [...read('docs/innkeeper-yaml.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    match => match[1]!,
  )
  assert.ok(blocks.length >= 5)
  for (const block of blocks) assert.deepEqual(readConfig(block).problems, [], block)
})

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Command } from 'commander'
import type { OpenCli, Sub } from '../cli/options.ts'
import { type AnyPart, allSentences } from '../parts/part.ts'
import { PARTS } from './parts.ts'

const parts = PARTS as unknown as ReadonlyArray<AnyPart<never>>
const SRC = join(import.meta.dirname, '..')

test('every folder that has a part is in the list, once', async () => {
  const files = globSync('{apps,data,reach,servers,watch}/*/part.ts', { cwd: SRC })
  assert.equal(files.length, parts.length)
  for (const file of files) {
    const exported = Object.values((await import(join(SRC, file))) as Record<string, unknown>)
    assert.equal(parts.filter(part => exported.includes(part)).length, 1, file)
  }
  assert.equal(new Set(parts.map(part => part.name)).size, parts.length)
})

test('no two nouns have a step of one kind, and every kind says of what it is', async () => {
  const kinds = Object.keys(await allSentences(parts))
  assert.ok(kinds.length > 50)
  for (const kind of kinds) assert.match(kind, /^[a-z]+\.[a-z-]+$/)
})

test('a noun with steps has somebody who performs them', () => {
  for (const part of parts) if (part.sentences !== undefined) assert.ok(part.open !== undefined, part.name)
})

test('what gives way, and to what, are kinds of runs that exist', () => {
  const text = globSync('{apps,data,reach,watch}/**/*.ts', { cwd: SRC })
    .filter(path => !/\.(test|fixture|fake|contract)\.ts$/.test(path))
    .map(path => readFileSync(join(SRC, path), 'utf8'))
    .join('\n')
  const known = new Set([...text.matchAll(/\bkind: '([a-z-]+)',\s*\n?\s*title:/g)].map(found => found[1]!))
  for (const part of parts) {
    const { outranks = {}, yields = [] } = part.precedence ?? {}
    for (const kind of [...Object.keys(outranks), ...Object.values(outranks).flat(), ...yields])
      assert.ok(known.has(kind), `${part.name}: ${kind} is none of ${[...known].join(', ')}`)
  }
})

test('no two commands have one name, and each says what it does, with an example that calls it', async () => {
  const program = new Command('inn').enablePositionalOptions()
  const examples: Array<[string, string]> = []
  const sub: Sub = (name, about, example, more = {}) => {
    examples.push([`inn ${name.split(' ')[0]}`, example])
    return program.command(name, more).description(about)
  }
  for (const part of parts)
    (await part.commands?.load())?.commands({
      program,
      sub,
      cli: (() => assert.fail('nothing runs')) as unknown as OpenCli,
      checkout: () => assert.fail('nothing runs'),
      home: '/h',
    })
  const names = program.commands.map(command => command.name())
  assert.equal(new Set(names).size, names.length)
  for (const command of program.commands.flatMap(one => [one, ...one.commands]))
    assert.notEqual(command.description(), '', command.name())
  for (const [begin, example] of examples)
    assert.ok(
      example.split('\n').every(line => line.trim().startsWith(begin)),
      `${begin}: ${example}`,
    )
})

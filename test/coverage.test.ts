import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { commandLine } from '../server/src/bin/program.ts'

const ROOT = join(import.meta.dirname, '..')
const ROWS = { D: 19, B: 21, O: 15, N: 5, F: 4, S: 8 }
const NOT_YET = '*not yet*'

/** | id | asked for | answered by | shown by | */
const rows = (await readFile(join(ROOT, 'docs/coverage.md'), 'utf8'))
  .split('\n')
  .filter(line => /^\| [A-Z]\d+ \|/.test(line))
  .map(line => line.split('|').map(cell => cell.trim()))
  .map(([, id, asked, answer, proof]) => ({ id: id!, asked: asked!, answer: answer!, proof: proof! }))

test('every row of the guides is there, once, in order', () => {
  const wanted = Object.entries(ROWS).flatMap(([letter, n]) =>
    Array.from({ length: n }, (_, i) => `${letter}${i + 1}`),
  )
  assert.deepEqual(
    rows.map(row => row.id),
    wanted,
  )
})

test('a row names commands that there are, or says not yet', async () => {
  const commands = (await commandLine('/')).commands.flatMap(command => [
    `inn ${command.name()}`,
    ...command.commands.map(below => `inn ${command.name()} ${below.name()}`),
  ])
  for (const { id, answer } of rows.filter(row => row.answer !== NOT_YET)) {
    const named = [...answer.matchAll(/`(inn [^`]+)`/g)].map(found => found[1]!)
    assert.ok(named.length > 0, `${id} names no command`)
    for (const name of named) assert.ok(commands.includes(name), `${id}: there is no ${name}`)
  }
})

test('a row names tests that there are; one without a command has none', async () => {
  for (const { id, answer, proof } of rows) {
    assert.equal(proof === NOT_YET, answer === NOT_YET, `${id} says not yet once`)
    const named = [...proof.matchAll(/`([^`]+)` "([^"]+)"/g)]
    assert.ok(proof === NOT_YET || named.length === proof.split(';').length, `${id}: ${proof}`)
    for (const [, file, title] of named) {
      const source = await readFile(join(ROOT, file!), 'utf8')
      const begins = new RegExp(
        `\\b(?:test|it)\\(\\s*['"\`]${title!.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`,
      )
      assert.ok(begins.test(source), `${id}: ${file} has no test that begins with "${title}"`)
    }
  }
})

test('each test that docs/security.md names is there', async () => {
  const text = await readFile(join(ROOT, 'docs/security.md'), 'utf8')
  const tables = text.split('\n\n').filter(block => block.startsWith('| who'))
  const table = tables.flatMap(block => block.trim().split('\n').slice(2))
  assert.ok(table.length > 20)
  for (const row of table) {
    const proof = row.split('|').at(-2)!
    const files = [...proof.matchAll(/`([^`]+)`((?:[, ]*"[^"]+")*)/g)]
    assert.ok(files.length > 0, `no test: ${row}`)
    for (const [, path, names] of files) {
      const source = await readFile(join(ROOT, path!), 'utf8')
      for (const [, name] of names!.matchAll(/"([^"]+)"/g))
        assert.ok(contains(source, name!), `${path} has no test "${name}"`)
    }
  }
})

/** A name may be made from a template: its fixed parts stand in the source, in order. */
const contains = (source: string, name: string): boolean =>
  source.includes(name) ||
  [...source.matchAll(/`([^`\n]*\$\{[^`\n]*)`/g)].some(([, template]) =>
    new RegExp(
      `^${template!
        .split(/\$\{[^}]*\}/)
        .map(RegExp.escape)
        .join('.+')}$`,
    ).test(name),
  )

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { PROJECT } from '../bin/version.ts'
import { codesIn, errorsPage } from './errors.ts'
import { allCodes } from './errors-source.ts'

const all = allCodes(PROJECT)

test('docs/errors.md has what the source says', () => {
  // Not equal(): its message would print both pages.
  const text = readFileSync(join(PROJECT, 'docs/errors.md'), 'utf8')
  assert.ok(
    text === errorsPage(all),
    'docs/errors.md differs from the source; write it again: node server/src/documents/write-errors.ts',
  )
})

test('every code that a test asks for is found', () => {
  const known = new Set(all.map(one => one.code))
  const asked = globSync('{server/src,test}/**/*.{test,contract}.ts', { cwd: PROJECT })
    // It makes failures of its own, and looks for those here.
    .filter(path => !path.endsWith('errors.test.ts'))
    .flatMap(path => {
      const text = readFileSync(join(PROJECT, path), 'utf8')
      const own = new Set([...text.matchAll(/new Failure\('([^']+)'/g)].map(found => found[1]!))
      const codes = [...text.matchAll(/\bcode(?::|,) '([a-z-]+\.[a-z-]+)'/g)].map(found => found[1]!)
      return codes.filter(code => !own.has(code))
    })
  assert.ok(new Set(asked).size > 20)
  assert.deepEqual(
    [...new Set(asked)].filter(code => !known.has(code)),
    [],
  )
})

test('no two codes say the same and want the same done: scripts could not tell them apart by reason', () => {
  const told = all.filter(one => one.what !== '…')
  for (const [words, found] of Map.groupBy(told, one => `${one.what}, fix: ${one.fix}`)) {
    const codes = [...new Set(found.map(one => one.code))]
    assert.equal(codes.length, 1, `${codes.join(' and ')}: ${words}`)
  }
})

test('a command in a fix stands in backticks, so that the dashboard need not guess where it ends; in the other words is none', () => {
  const told = all.flatMap(one => [one.what, one.fix.replaceAll(/`[^`\n]+`/g, '')])
  assert.deepEqual(
    told.filter(text => /(^|[^\w-])inn [a-z]/.test(text)),
    [],
  )
  const marked = all.flatMap(one => [...one.fix.matchAll(/`([^`]+)`/g)].map(found => found[1]!))
  assert.ok(marked.filter(command => command.startsWith('inn ')).length > 100)
})

test('in a command, nothing but the bar of the table is escaped', () => {
  const coded = { code: 'a.b', what: '<a> * b', fix: '`inn logs <app> | x`, <c>', file: 'a.ts', alarm: false }
  const page = errorsPage([coded])
  assert.ok(page.endsWith('| `a.b` | \\<a> \\* b | `inn logs <app> \\| x`, \\<c> | `a.ts` |\n'), page)
})

const of = (text: string) => codesIn([{ file: 'a.ts', text }]).map(({ code, what, fix }) => [code, what, fix])

test('a failure is read with names in the place of what is filled in', () => {
  const text = `
    throw new Failure('app.unknown', \`there is no app \${name}, (only) \${count(apps.length, 'app')}\`, {
      why: \`one of \${list.map(one => \`'\${one}'\`).join(', ')}\`,
      // A comment's quote.
      fix: last === 'x' ? 'inn status' : \`inn logs \${place.name}\`,
      facts: { code: 'is not one' },
    })`
  assert.deepEqual(of(text), [
    ['app.unknown', 'there is no app <name>, (only) <apps>', 'inn status / inn logs <place>'],
  ])
})

test('a code that is given to a function of ours, or stands in an object or a table, is found', () => {
  const maker =
    'const late = (code: string, what: string, fix: string): Alarm => ({ code, level, what, fix })'
  assert.deepEqual(of(`${maker}\nlate('backup.gap', 'log is missing', 'inn backup now')`), [
    ['backup.gap', 'log is missing', 'inn backup now'],
  ])
  assert.deepEqual(of("return { code: 'disk.full', what: 'it is full', why: text, fix: 'df -h' }"), [
    ['disk.full', 'it is full', 'df -h'],
  ])
  assert.deepEqual(of("const T = { 'backup.key': { what: at => `no key for ${at}`, fix: 'give it' } }"), [
    ['backup.key', 'no key for <at>', 'give it'],
  ])
})

test('a function that makes failures is known in other files when it is exported, and only then', () => {
  const call = { file: 'b.ts', text: "failed('a.b', 'it went wrong', 'mend it')" }
  const maker = 'function failed(code: string, what: string, fix: string): Failure {}'
  assert.equal(codesIn([call, { file: 'a.ts', text: `export ${maker}` }]).length, 1)
  assert.equal(codesIn([call, { file: 'a.ts', text: maker }]).length, 0)
})

test('what is said by a variable is left open, and a code that comes from elsewhere has no row here', () => {
  assert.deepEqual(of("new Failure('exec.failed', error.message, { why, fix: hint })"), [
    ['exec.failed', '…', '…'],
  ])
  assert.deepEqual(of("new Failure(failure.code, 'x', { why: 'y', fix: 'z' })"), [])
})

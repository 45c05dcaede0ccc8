import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'

const ROOT = join(import.meta.dirname, '..')

/** | word | ordinary name | what it is | where | */
const rows = (await readFile(join(ROOT, 'docs/glossary.md'), 'utf8'))
  .split('\n')
  .filter(line => /^\| .*`[^`]+\.\w+` \|$/.test(line))
  .map(line => line.split('|').map(cell => cell.trim()))
  .map(([, word, ordinary, meaning, where]) => ({
    word,
    ordinary,
    meaning,
    file: where!.replaceAll('`', ''),
  }))

test('every word stands in the file that the glossary names', async () => {
  assert.ok(rows.length > 40)
  for (const { word, file } of rows) {
    const text = await readFile(join(ROOT, file), 'utf8').catch(() =>
      assert.fail(`${word}: there is no ${file}`),
    )
    // `place (of a service)` is the word place, `port wall` PortWall in code.
    const [name] = word!.split(/ \(|, /)
    assert.match(text, new RegExp(`\\b${name!.replace(' ', '[ -]?')}`, 'i'), `${file} has no ${name}`)
  }
})

test('a word has the field’s name and one sentence, and means one thing', () => {
  for (const { word, ordinary, meaning } of rows) {
    assert.ok(ordinary, `${word} has no ordinary name`)
    assert.match(meaning!, /[.…]$/, `${word}: ${meaning}`)
    assert.doesNotMatch(meaning!, /\. [A-Z]/, `${word} takes more than one sentence`)
  }
  assert.equal(new Set(rows.map(row => row.word)).size, rows.length)
})

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, run, test } from 'node:test'
import coverageLine from './coverage-line.ts'

const folder = await mkdtemp(join(tmpdir(), 'inn-cover-'))
after(() => rm(folder, { recursive: true }))

test('coverage is one line after what the tests say, also when one of them fails', async () => {
  await writeFile(join(folder, 'half.mjs'), 'export const used = () => 1\nexport const unused = () => 2\n')
  const file = join(folder, 'half.test.mjs')
  await writeFile(
    file,
    `import { test } from 'node:test'\nimport { used } from './half.mjs'\ntest('runs', () => { used() })\ntest('fails', () => { throw new Error('no') })\n`,
  )
  const events = run({
    files: [file],
    isolation: 'none',
    cwd: folder,
    coverage: true,
    coverageIncludeGlobs: '**/half.mjs',
  })
  const said = (await Array.fromAsync(coverageLine(events))).join('')
  assert.match(said, /✔ runs/)
  assert.match(said, /✖ fails/)
  assert.match(
    said.trimEnd().split('\n').at(-1)!,
    /^coverage by the quick tests, of the 1 files that they load: lines 100\.0 %, branches \d+\.\d %, functions 50\.0 %$/,
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { STARTERS } from './frameworks.ts'
import type { Trial } from './starter.ts'
import { withTrial } from './table.ts'

const page = 'before\n\n| framework | version |\n|---|---|\n\nafter\n'
const names = ['Express', 'Hono', 'Astro']
const trial = (name: string, more: Partial<Trial> = {}): Trial => ({
  ...{
    name,
    version: `${name.toLowerCase()} 1.0.0`,
    from: { starter: `create-${name}` },
    tries: 1,
    edit: null,
  },
  ...{ ms: 61_000, memory: 100 * 1024 ** 2, requests: 900, lost: 0, day: '2026-01-02', ...more },
})

test('a framework has one row, in the order of the list, whatever the order in which they were tried', () => {
  const filled = [
    trial('Astro', { memory: null }),
    trial('Hono', { lost: 3 }),
    trial('Hono', { tries: 2, edit: 'the port', from: { documentation: 'no registry' } }),
    trial('Express', { lost: 2 }),
  ].reduce((all, one) => withTrial(all, one, names), page)
  assert.equal(
    filled,
    `before

| framework | version |
|---|---|
| Express | express 1.0.0 | create-Express | 1 | 0 | 1 min 1 s | 100 MB | 900 | **2** | 2026-01-02 |
| Hono | hono 1.0.0 | by hand, from its documentation: no registry | 2 | 1: the port | 1 min 1 s | 100 MB | 900 | 0 | 2026-01-02 |
| Astro | astro 1.0.0 | create-Astro | 1 | 0 | 1 min 1 s | files, no process | 900 | 0 | 2026-01-02 |

after
`,
  )
})

test('what did not go live is never told as if it had', () => {
  const broken = { ...trial('Hono'), reason: 'it could not be built' }
  assert.match(
    withTrial(page, broken, names),
    /^\| Hono \| hono 1\.0\.0 \| create-Hono \| {2}\| {2}\| {2}\| {2}\| \*\*not tried to its end\*\*: it could not be built \| {2}\| 2026-01-02 \|$/m,
  )
})

test('each framework has a name, a folder and a repository of its own', () => {
  for (const key of ['name', 'folder'] as const)
    assert.equal(new Set(STARTERS.map(starter => starter[key])).size, STARTERS.length)
  for (const { folder, files, commands } of STARTERS) {
    // The name of the app, by which users that tests made are recognised.
    assert.match(folder, /^t-/)
    assert.ok(
      files?.['package.json']?.includes(`"name": "${folder}"`) || commands?.[0]?.argv.includes(folder),
    )
  }
})

import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Failure } from '../kernel/failure.ts'
import { readAppFile } from './file.ts'
import { collect, whole } from './options.ts'

test('the file of a folder is read; in a folder below it, the failure says where it is', async t => {
  const app = await mkdtemp(join(tmpdir(), 'inn-file-'))
  t.after(() => rm(app, { recursive: true }))
  await mkdir(join(app, 'src/deep'), { recursive: true })
  const here = await readAppFile(app).catch(e => e as Failure)
  assert.deepEqual(
    [(here as Failure).code, (here as Failure).fix],
    ['config.missing', '`inn init` looks at the folder and writes one'],
  )
  await writeFile(join(app, 'innkeeper.yaml'), 'name: shop\n')
  assert.equal(await readAppFile(app), 'name: shop\n')
  const below = (await readAppFile(join(app, 'src/deep')).catch(e => e as Failure)) as Failure
  assert.deepEqual(
    [below.code, below.why, below.fix],
    ['config.missing', `${app}/src/deep has none, and ${app} has one`, `cd ${app}`],
  )
  const nowhere = (error: Failure) => error.fix === `cd ${app}`
  await assert.rejects(readAppFile(join(app, 'server/src')), nowhere)
})

test('a file of nearly the right name is told', async t => {
  const app = await mkdtemp(join(tmpdir(), 'inn-file-'))
  t.after(() => rm(app, { recursive: true }))
  for (const name of ['innkeeper.yml', 'Innkeeper.yaml', '.innkeeper.yaml']) {
    await writeFile(join(app, name), 'name: shop\n')
    await assert.rejects(readAppFile(app), {
      code: 'config.missing',
      why: `there is ${name}, and only the name innkeeper.yaml is read`,
      fix: `\`mv ${name} innkeeper.yaml\``,
    })
    await rm(join(app, name))
  }
})

test('of a file without an end only the beginning is read', async t => {
  const app = await mkdtemp(join(tmpdir(), 'inn-file-'))
  t.after(() => rm(app, { recursive: true }))
  await writeFile(join(app, 'innkeeper.yaml'), 'x'.repeat(3 * 1024 * 1024))
  assert.equal((await readAppFile(app)).length, 1024 * 1024)
})

test('a count is a whole number from 1 to a bound; an option may come again', () => {
  assert.deepEqual(['1', '250'].map(whole(250)), [1, 250])
  for (const bad of ['0', '-1', '1.5', '01', 'x', '', '1e3', '251'])
    assert.throws(() => whole(250)(bad), /whole number/, bad)
  assert.deepEqual(collect('b', collect('a')), ['a', 'b'])
})

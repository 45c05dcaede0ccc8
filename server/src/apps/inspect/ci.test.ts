import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Terminal } from '../../cli/terminal.ts'
import type { Failure } from '../../kernel/failure.ts'
import { FERRY } from './ci/ci.fixture.ts'
import { initCi } from './cli-ci.ts'
import { folderWith } from './folder.fixture.ts'

function surroundings(remote: string | null) {
  const printed: string[] = []
  const terminal: Terminal = {
    interactive: false,
    width: 100,
    print: text => void printed.push(text),
    note: () => {},
    paint: (_style, text) => text,
    ask: async () => '',
    askHidden: async () => '',
    transient: () => {},
    draw: () => {},
  }
  const origin = async () => ({ remote, first: [], folder: '', place: 'here' })
  return { printed, at: { terminal, checkout: { origin } } }
}

const coded = (code: string) => (error: Failure) => error.code === code

test('a workflow is written once, told to be the same, and never written over without a word', async t => {
  const root = await folderWith(t, FERRY)
  const { printed, at } = surroundings('git@github.com:a/ferry.git')
  await initCi(root, { plan: true }, at)
  assert.match(printed.join(), /runs-on/)
  assert.deepEqual((await readdir(root)).includes('.github'), false)
  await initCi(root, {}, at)
  const path = join(root, '.github/workflows/innkeeper.yml')
  const text = await readFile(path, 'utf8')
  assert.match(printed.join('\n'), /is written[\s\S]*secret {4}INNKEEPER_TOKEN[\s\S]*git add \.github/)
  await initCi(root, {}, at)
  assert.match(printed.join('\n'), /is as it would be written/)
  await writeFile(path, 'mine')
  await assert.rejects(initCi(root, {}, at), coded('ci.exists'))
  assert.equal(await readFile(path, 'utf8'), 'mine')
  await initCi(root, { force: true }, at)
  assert.equal(await readFile(path, 'utf8'), text)
})

test('nobody guesses between forges, and an address that is none is refused before anything is written', async t => {
  const root = await folderWith(t, { ...FERRY, '.gitlab-ci.yml': 'a: 1\n', '.forgejo/x': '' })
  const { at } = surroundings(null)
  await assert.rejects(initCi(root, {}, at), coded('ci.forge'))
  await assert.rejects(initCi(root, { for: 'gitea', ssh: 'no server' }, at), coded('usage.host'))
  await assert.rejects(initCi(root, { for: 'gitlab' }, at), coded('ci.exists'))
  assert.equal((await readdir(root)).includes('.gitea'), false)
})

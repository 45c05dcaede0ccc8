import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { commandLine } from '../bin/program.ts'
import { PROJECT } from '../bin/version.ts'
import { reference } from './reference.ts'

test('docs/commands.md says what the commands say', async () => {
  const text = await readFile(join(PROJECT, 'docs/commands.md'), 'utf8')
  // Not equal(): its message would print both pages.
  assert.ok(
    text === reference(await commandLine('/')),
    'docs/commands.md differs from the commands; write it again: node server/src/documents/write-reference.ts',
  )
})

test('every command has --json and an example', async () => {
  const all = (await commandLine('/')).commands.flatMap(c => (c.commands.length > 0 ? c.commands : [c]))
  assert.ok(all.length > 20)
  for (const command of all) {
    let help = ''
    command.configureOutput({ writeOut: text => (help += text) })
    command.outputHelp()
    assert.match(help, /--json/, command.name())
    assert.match(help, /Example:\n {2}inn \S/, command.name())
  }
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { commandLine } from '../bin/program.ts'
import { SHELLS, showScript, wordsFor } from './completion.ts'
import { printedBy } from './stand-in.fixture.ts'

const APPS = ['shop', 'shelf', 'bar']
const words = async (...typed: string[]) => wordsFor(await commandLine('/'), typed, APPS)

test('commands, options, values and names of apps are completed where they may stand', async () => {
  const cases: Array<[string[], string[]]> = [
    [['roll'], ['rollback']],
    [['backup', 'sh'], ['show']],
    [
      ['rollback', 'sh'],
      ['shelf', 'shop'],
    ],
    [['logs', '--app', 'b'], ['bar']],
    [['restart', '--pl'], ['--plan']],
    [
      ['completion', ''],
      ['bash', 'fish', 'zsh'],
    ],
    [['--host', 'a', 'rollb'], ['rollback']],
    [['run', '--app', 'shop', '--', 'sh'], []],
    [['nothing', 'x'], []],
  ]
  for (const [typed, expected] of cases) assert.deepEqual(await words(...typed), expected, typed.join(' '))
  assert.ok((await words('')).includes('deploy'))
})

test('each shell has a script, and bash runs nothing of what was typed', async t => {
  for (const shell of SHELLS) {
    const { out } = await printedBy(t, async () => showScript(shell, {}))
    assert.match(out, /inn complete --/, shell)
  }
  const folder = mkdtempSync(join(tmpdir(), 'inn-completion-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'inn'), `#!/bin/sh\nprintf '%s\\n' "$@" >${folder}/asked\necho shop\n`)
  chmodSync(join(folder, 'inn'), 0o755)
  const { out } = await printedBy(t, async () => showScript('bash', {}))
  const typed = `COMP_WORDS=(inn run '$(touch ${folder}/ran)' s); COMP_CWORD=3; _inn; echo "\${COMPREPLY[0]}"; cat ${folder}/asked; ls ${folder}`
  const said = execFileSync('bash', ['--norc', '-c', `${out}\n${typed}`], {
    env: { PATH: `${folder}:/usr/bin:/bin` },
  })
  assert.deepEqual(String(said).split('\n'), [
    ...['shop', 'complete', '--', 'run', `$(touch ${folder}/ran)`, 's', 'asked', 'inn', ''],
  ])
})

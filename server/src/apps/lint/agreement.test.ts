import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { CASES, type Case } from './cases.ts'
import { RULES } from './rules.ts'

const PROJECT = join(import.meta.dirname, '../../../..')
const SQUAWK = join(PROJECT, 'node_modules/.bin/squawk')
/** What squawk says of almost every file; Innkeeper sets both bounds itself. */
const ALWAYS = new Set(['require-lock-timeout', 'require-statement-timeout', 'prefer-robust-stmts'])

type Said = Array<{ file: string; rule_name: string }>

/** It exits with 1 where it finds something. */
function ask(files: readonly string[], ...more: string[]): Said {
  const argv = [SQUAWK, '--reporter', 'json', '--pg-version', '15', ...more, ...files]
  const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', maxBuffer: 64e6 })
  assert.ok(stdout.startsWith('['), stderr)
  return JSON.parse(stdout) as Said
}

/** The rules of squawk that find something, for each case. */
function squawk(cases: readonly Case[]): string[][] {
  const at = mkdtempSync(join(tmpdir(), 'inn-squawk-'))
  try {
    const files = cases.map(({ sql }, n) => {
      const file = join(at, `${n}.sql`)
      writeFileSync(file, `${sql}\n`)
      return file
    })
    const inOne = ({ mode = 'each' }: Case) => mode === 'each'
    const found = [
      ...ask(
        files.filter((_, n) => inOne(cases[n]!)),
        '--assume-in-transaction',
      ),
      ...ask(files.filter((_, n) => !inOne(cases[n]!))),
    ]
    return files.map(file => [...new Set(found.filter(one => one.file === file).map(one => one.rule_name))])
  } finally {
    rmSync(at, { recursive: true })
  }
}

test('squawk finds the same, but for what is said of each difference', () => {
  const theirs = squawk(CASES)
  const ours = new Set(Object.values(RULES).flatMap(({ squawk: names }) => names?.split(', ') ?? []))
  const wrong = CASES.flatMap(({ rule, sql, differs }, n) => {
    const said = theirs[n]!
    const same =
      rule === null
        ? said.every(name => ALWAYS.has(name) || !ours.has(name))
        : RULES[rule].squawk?.split(', ').some(name => said.includes(name)) !== false
    return same === (differs === undefined) ? [] : [{ rule, sql, differs: differs ?? null, squawk: said }]
  })
  assert.deepEqual(wrong, [])
})

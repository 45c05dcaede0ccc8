import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import type { Account } from '../../servers/confinement/account.ts'
import { exec } from '../host/exec.ts'
import { exists, writeDurable } from '../host/files.ts'

export const PROMTOOL = '/usr/bin/promtool'

/** What is wrong with rules, in Prometheus' own words; null: nothing, or promtool is not on this machine. */
export async function promtoolProblem(yaml: string): Promise<string | null> {
  if (!(await exists(PROMTOOL))) return null
  const folder = await mkdtemp(join(tmpdir(), 'inn-rules-'))
  try {
    return await checkRules(join(folder, 'rules.yml'), yaml, null)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The same at a path of its own, as a user. Failure `metrics.missing`. */
export async function checkRules(path: string, yaml: string, user: Account | null): Promise<string | null> {
  if (!(await exists(PROMTOOL)))
    throw new Failure('metrics.missing', 'the rules cannot be checked', {
      why: 'promtool is not installed',
      fix: '`apt-get install prometheus`',
    })
  await writeDurable(path, yaml, 0o644)
  try {
    const done = await exec({ argv: [PROMTOOL, 'check', 'rules', path], user, timeoutMs: 20_000 })
    return done.code === 0 ? null : saidOf(done.tail)
  } finally {
    await rm(path, { force: true })
  }
}

/** A line of promtool, `8:14: group "app-shop", rule 1, "Queue": could not parse …`: its place is in a file that nobody wrote. */
const OF_RULE = /^.*?group ".*?", rule \d+, "(.*?)": (.+)$/

/** The name of each alert with what is wrong with it. */
function saidOf(output: string): string {
  const found = output.split('\n').flatMap(line => {
    const [, name, why] = OF_RULE.exec(line) ?? []
    return name === undefined ? [] : [`${name}: ${why}`]
  })
  return found.length > 0 ? found.join('; ') : telling(output)
}

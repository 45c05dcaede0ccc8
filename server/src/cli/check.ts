import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readConfig } from '../config/read.ts'
import { EXIT } from '../kernel/exit.ts'
import { Failure } from '../kernel/failure.ts'
import { count, list } from '../kernel/words.ts'
import { printJson } from './command.ts'
import type { Terminal } from './terminal.ts'

/** inn check [folder]: the file alone, without a keeper. */
export async function check(
  folder: string,
  { json, terminal }: { json: boolean; terminal: Terminal },
): Promise<void> {
  const path = join(resolve(folder), 'innkeeper.yaml')
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null)
    throw new Failure('config.missing', 'there is no innkeeper.yaml here', {
      why: `${path} does not exist`,
      fix: 'inn init looks at the folder and writes one',
    })
  const { config, problems } = readConfig(text)
  if (problems.length > 0) process.exitCode = EXIT.usage
  if (json) return printJson({ ok: problems.length === 0, problems })
  if (config === null) {
    terminal.print(terminal.paint('red', `innkeeper.yaml has ${count(problems.length, 'problem')}`))
    for (const p of problems)
      terminal.print(
        `  ${p.line === null ? '' : `line ${p.line}: `}${p.path === '' ? '' : `${p.path}: `}${p.message}`,
      )
    return
  }
  const services = config.services.map(
    s => `${s.name} (${s.kind}${s.instances > 1 ? `, ${s.instances} instances` : ''})`,
  )
  terminal.print(
    `${terminal.paint('green', 'innkeeper.yaml is good')}: ${config.name} with ${list(services)}`,
  )
}

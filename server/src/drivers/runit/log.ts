import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileCipher } from '../../kernel/cipher.ts'
import { formsOf } from '../../kernel/hide.ts'
import { quoteShell } from '../../kernel/quote.ts'
import type { LogRules, ServiceSpec } from '../../servers/supervisor/supervisor.ts'
import { writeIfChanged } from '../host/files.ts'
import { writeEncrypted } from './encrypted.ts'

/** A full file is compressed; `docs/operating.md` states these bounds. */
const FILE_BYTES = 5_000_000
/** What is compressed may hold this much beside the file being written, the one being compressed, and what comes of it. */
const KEPT_BYTES = 35_000_000
/** Files of one line over and over are tiny, and reading all of them would take minutes. */
const KEPT_FILES = 200
/** Lines up to this length are never cut by the end of a file, and a beginning that is shorter waits for its end. */
const LINE_BYTES = 60_000

/** What the log of a service must do after its files were written. */
export type LogChange = 'none' | 'reread' | 'restart'

/** Writes how a service's log is kept. A copy of each program lies in its folder, so that logs go on while Innkeeper is being replaced. */
export async function writeLog(at: string, spec: ServiceSpec, cipher: FileCipher): Promise<LogChange> {
  const full = join(at, 'log', 'full')
  const rules = rulesText(spec.logRules)
  const svlogd = `svlogd -ttt -l ${LINE_BYTES} -b 65536 ${quoteShell(spec.log)}`
  const run = rules === '' ? `exec ${svlogd}` : `${filtering(cipher)} ${svlogd}`
  const config = [
    `s${FILE_BYTES}`,
    'n0',
    `p${spec.tag} `,
    `!exec sh ${quoteShell(full)} ${KEPT_BYTES} ${KEPT_FILES}`,
  ]
  await writeIfChanged(full, program('full-log.sh'), 0o600)
  const again = [
    await writeFilter(join(at, 'log')),
    await writeIfChanged(join(at, 'log', 'run'), `#!/bin/sh\n${run}\n`, 0o700),
  ]
  const changed = [
    await writeRules(join(at, 'log'), rules, cipher),
    await writeIfChanged(join(spec.log, 'config'), `${config.join('\n')}\n`, 0o600),
  ]
  if (again.includes(true)) return 'restart'
  return changed.includes(true) ? 'reread' : 'none'
}

/** How the filter is started, before how svlogd is. */
export const filtering = ({ opener }: FileCipher): string =>
  `exec perl filter ${opener.map(quoteShell).join(' ')} rules.age --`

export const writeFilter = (folder: string): Promise<boolean> =>
  writeIfChanged(join(folder, 'filter'), program('log-filter.pl'), 0o600)

/** They hold what must not be in a log, so that they are encrypted. */
async function writeRules(folder: string, rules: string, cipher: FileCipher): Promise<boolean> {
  // An earlier version kept them as they are.
  await rm(join(folder, 'rules'), { force: true })
  if (rules !== '') return writeEncrypted(join(folder, 'rules.age'), rules, cipher)
  await rm(join(folder, 'rules.age'), { force: true })
  return false
}

const program = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8')

/** The rules as the filter reads them; empty: it is not needed. */
export function rulesText({ secrets = {}, keep = {} }: LogRules = {}): string {
  const masked = Object.entries(secrets).flatMap(([name, values]) =>
    values.flatMap(formsOf).map(form => `secret ${name} ${Buffer.from(form).toString('hex')}\n`),
  )
  const shares = Object.entries(keep).map(([level, share]) => `keep ${level} ${share}\n`)
  return [...new Set([...masked, ...shares])].join('')
}

import { resolve } from 'node:path'
import type { Checkout, History } from '../../cli/checkout.ts'
import { type Cli, printJson } from '../../cli/command.ts'
import { EXIT } from '../../kernel/exit.ts'
import { count } from '../../kernel/words.ts'
import { type Finding, LONGEST_LINE, LONGEST_NAMED, scanFiles, scanHistory } from './scan.ts'

/** inn secrets scan [FOLDER]: ends with 1 when something is found. */
export async function secretsScan(
  folder: string,
  {
    checkout,
    history,
    terminal,
    json,
  }: Pick<Cli, 'terminal' | 'json'> & { checkout: Checkout; history: boolean },
): Promise<void> {
  const root = resolve(folder)
  const paths = await checkout.listed(root)
  const source = checkout.source(root)
  terminal.transient(`reading ${count(paths.length, 'file')} …`)
  // What is no regular file, or too large, is no text of a person.
  const now = await scanFiles(paths, path => source.text(path).catch(() => null))
  terminal.transient(history ? 'reading the history …' : '')
  const log = history ? await checkout.history(root) : null
  const before = log === null ? null : await scanHistory(log.lines, now.values)
  terminal.transient('')
  const findings = [...now.findings, ...(before?.findings ?? [])]
  const longLines = now.longLines + (before?.longLines ?? 0)
  if (findings.length > 0) process.exitCode = EXIT.failed
  const { of, name } = reach(log)
  if (json) return printJson({ files: paths.length, history: name, longLines, findings })
  for (const one of findings) terminal.print(lineOf(one))
  if (findings.length === 0) terminal.print(`no secret found in ${count(paths.length, 'file')}${of}`)
  else
    terminal.print(
      terminal.paint(
        'dim',
        'whoever has the repository has them: draw new ones where they are from, and give them by `inn secrets set`; a line that is none gets the comment gitleaks:allow',
      ),
    )
  for (const text of unseen(log, longLines)) terminal.print(terminal.paint('yellow', text))
}

/** How much of the history was read. */
function reach(log: History | null): { of: string; name: 'none' | 'shallow' | 'whole' } {
  if (log === null) return { of: '', name: 'none' }
  return log.shallow
    ? { of: ' and what is here of their history', name: 'shallow' }
    : { of: ' and their history', name: 'whole' }
}

/** What was not looked at. */
function unseen(log: History | null, longLines: number): string[] {
  const said: string[] = []
  if (log?.shallow === true)
    said.push(
      'the clone is shallow, so that earlier commits were not looked at: `git fetch --unshallow` brings them',
    )
  if (longLines > 0)
    said.push(
      `${count(longLines, 'line')} of more than ${LONGEST_NAMED} characters: no names were looked for there, and in lines of more than ${LONGEST_LINE} nothing`,
    )
  return said
}

const lineOf = ({ path, line, is, shown, commit }: Finding): string =>
  `${path}:${line}  ${is}  ${shown}${commit === null ? '' : `  (in the history alone, since ${commit})`}`

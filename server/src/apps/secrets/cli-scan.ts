import type { Checkout } from '../../cli/checkout.ts'
import { type Cli, printJson } from '../../cli/command.ts'
import { EXIT } from '../../kernel/exit.ts'
import { count } from '../../kernel/words.ts'
import { type Finding, scanFiles, scanHistory } from './scan.ts'

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
  const { paths } = await checkout.tracked(folder)
  const source = checkout.source(folder)
  terminal.transient(`reading ${count(paths.length, 'file')} …`)
  // What is no regular file, or too large, is no text of a person.
  const { findings, values } = await scanFiles(paths, path => source.text(path).catch(() => null))
  terminal.transient(history ? 'reading the history …' : '')
  const before = history ? await scanHistory(checkout.history(folder), values) : []
  terminal.transient('')
  const all = [...findings, ...before]
  if (all.length > 0) process.exitCode = EXIT.failed
  if (json) return printJson({ files: paths.length, findings: all })
  if (all.length === 0)
    return terminal.print(
      `no secret found in ${count(paths.length, 'file')}${history ? ' and their history' : ''}`,
    )
  for (const one of all) terminal.print(lineOf(one))
  terminal.print(
    terminal.paint(
      'dim',
      'whoever has the repository has them: draw new ones where they are from, and give them by `inn secrets set`; a line that is none gets the comment gitleaks:allow',
    ),
  )
}

const lineOf = ({ path, line, is, shown, commit }: Finding): string =>
  `${path}:${line}  ${is}  ${shown}${commit === null ? '' : `  (in the history alone, since ${commit})`}`

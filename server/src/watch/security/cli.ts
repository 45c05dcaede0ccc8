import { type Cli, printJson } from '../../cli/command.ts'
import type { Terminal } from '../../cli/terminal.ts'
import { EXIT } from '../../kernel/exit.ts'
import { count, unmarked } from '../../kernel/words.ts'
import type { SecurityFinding, SecurityReport } from './wire.ts'

/** inn security check [app] */
export async function check(
  { client, terminal, json }: Cli,
  app: string | undefined,
  { all = false }: { all?: boolean },
): Promise<void> {
  const query = new URLSearchParams({ again: 'true', ...(app === undefined ? {} : { app }) })
  const report = await client.get<SecurityReport>(`/api/security?${query}`)
  if (report.findings.some(({ severity }) => severity === 'critical' || severity === 'high'))
    process.exitCode = EXIT.failed
  if (json) return printJson(report)
  terminal.print(shown(report, terminal, all))
}

const COLOURS = { critical: 'red', high: 'red', medium: 'yellow', low: 'dim' } as const

function shown(report: SecurityReport, terminal: Terminal, all: boolean): string {
  const { score, findings, unknown, accepted, passed } = report
  const where = (about: { app: string | null; subject: string }) =>
    about.app === null || about.app === about.subject ? about.subject : `${about.app} ${about.subject}`
  const finding = ({ severity, check: id, what, why, fix, ...about }: SecurityFinding) =>
    [
      `${terminal.paint(COLOURS[severity], severity)}  ${where(about)}  ${terminal.paint('dim', id)}`,
      `  ${what}`,
      `  why  ${why}`,
      `  fix  ${unmarked(fix)}`,
      '',
    ].join('\n')
  const sum = [
    `${count(findings.length, 'finding')}`,
    `${passed.length} passed`,
    `${unknown.length} not seen`,
    ...(accepted.length === 0 ? [] : [`${accepted.length} accepted`]),
  ].join(', ')
  return [
    ...findings.map(finding),
    ...(unknown.length === 0 ? [] : ['not seen, so not passed:']),
    ...unknown.map(one => `  ${where(one)}  ${terminal.paint('dim', one.check)}  ${unmarked(one.reason)}`),
    ...(unknown.length === 0 ? [] : ['']),
    ...(all ? rest(report, where) : []),
    `score ${terminal.paint('bold', String(score))} of 100: ${sum}`,
  ].join('\n')
}

const rest = (
  { accepted, passed }: SecurityReport,
  where: (about: { app: string | null; subject: string }) => string,
): string[] => [
  ...(accepted.length === 0 ? [] : ['accepted in innkeeper.yaml:']),
  ...accepted.map(one => `  ${where(one)}  ${one.check}  ${one.what} (${one.reason})`),
  ...(accepted.length === 0 ? [] : ['']),
  'passed:',
  ...passed.map(one => `  ${where(one)}  ${one.check}  ${one.good}`),
  '',
]

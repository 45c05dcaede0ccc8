import { at } from '../../cli/client.ts'
import { appName, type Cli, printJson } from '../../cli/command.ts'
import { inOneLine, table } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import { showDuration } from '../../kernel/durations.ts'
import type { Statements } from './wire.ts'

/** Letters beside a statement in its line. */
const BESIDE = 52
const LEAST = 40

/** inn db slow [app] */
export async function slow(cli: Cli, named: string | undefined): Promise<void> {
  const { client, terminal, json } = cli
  const found = await client.get<Statements>(at`/api/apps/${await appName(cli, named)}/statements`)
  if (json) return printJson(found)
  if (found.since === null) return terminal.print(`${found.app} has asked its database nothing yet`)
  terminal.print(`${found.app}, since ${local(found.since)}`)
  terminal.print(
    table(
      ['TIME', 'CALLS', 'MEAN', 'LONGEST', 'ROWS', 'STATEMENT'],
      found.statements.map(one => [
        showShare(one.share),
        String(one.calls),
        showMs(one.meanMs),
        showMs(one.longestMs),
        String(Math.round(one.rowsPerCall)),
        inOneLine(one.text, Math.max(LEAST, terminal.width - BESIDE)),
      ]),
    ),
  )
  terminal.note(
    'TIME: of all statements, also of those with which backups count rows; ROWS: of one call. --json has each as a whole',
  )
}

/** A mean of many calls may be far below a millisecond. */
const showMs = (ms: number): string => (ms < 10 ? `${ms.toFixed(2)} ms` : showDuration(ms))

const showShare = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`

import { at } from '../../cli/client.ts'
import { appName, type Cli, printJson } from '../../cli/command.ts'
import { inOneLine, table } from '../../cli/terminal.ts'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Activity, SessionView } from './wire.ts'

/** Letters beside a statement in its line. */
const BESIDE = 70
const LEAST = 30

const read = async (cli: Cli, named: string | undefined): Promise<Activity> =>
  cli.client.get<Activity>(at`/api/apps/${await appName(cli, named)}/sessions`)

/** inn db activity */
export async function activity(
  cli: Cli,
  named: string | undefined,
  { idle }: { idle?: boolean },
): Promise<void> {
  const found = await read(cli, named)
  if (cli.json) return printJson(found)
  const { terminal } = cli
  const shown = found.sessions.filter(one => idle || one.state !== 'idle')
  const rest = found.sessions.length - shown.length
  if (shown.length === 0) terminal.print(`nobody asks the database of ${found.app} for anything`)
  else
    terminal.print(
      table(
        ['PID', 'STATE', 'FOR', 'TRANSACTION', 'WAITS FOR', 'PROGRAM', 'STATEMENT'],
        shown.map(one => [
          ...[
            String(one.pid),
            one.state,
            time(one.sinceMs),
            one.transactionMs === null ? '-' : time(one.transactionMs),
          ],
          one.blockedBy.length > 0 ? one.blockedBy.join(', ') : (one.waits ?? '-'),
          ...[one.program === '' ? '-' : one.program, statement(one.text, terminal.width - BESIDE)],
        ]),
      ),
    )
  if (rest > 0) terminal.note(`${rest} more do nothing: --idle`)
}

const time = (ms: number): string => showDuration(ms < 1_000 ? ms : Math.round(ms / 1_000) * 1_000)

/** A statement in the room that is left; on a narrow terminal its line breaks. */
const statement = (text: string, room: number): string => inOneLine(text, Math.max(LEAST, room))

/** inn db locks */
export async function locks(cli: Cli, named: string | undefined): Promise<void> {
  const found = await read(cli, named)
  if (cli.json) return printJson(found)
  const [first] = found.locks
  if (first === undefined)
    return cli.terminal.print(`nobody waits for a lock in the database of ${found.app}`)
  for (const { pid, depth } of found.locks) show(found.sessions.find(one => one.pid === pid)!, depth, cli)
  cli.terminal.note(`inn db kill ${first.pid} ${found.app} ends the first, and takes its transaction back`)
}

function show(
  { pid, state, sinceMs, transactionMs, program, text, user }: SessionView,
  depth: number,
  cli: Cli,
): void {
  const indent = '  '.repeat(depth)
  const holds =
    depth === 0
      ? `${state}, its transaction is open for ${time(transactionMs ?? 0)}`
      : `waits for ${time(sinceMs)}`
  cli.terminal.print(`${indent}${pid}  ${holds}  (${program === '' ? user : `${user}, ${program}`})`)
  cli.terminal.print(`${indent}    ${statement(text, cli.terminal.width - indent.length - 4)}`)
}

/** inn db kill */
export async function kill(
  cli: Cli,
  { pid, app }: { pid: string; app: string | undefined },
  { statement = false }: { statement?: boolean },
): Promise<void> {
  const found = await read(cli, app)
  const session = found.sessions.find(one => String(one.pid) === pid)
  if (session === undefined)
    throw new Failure('session.gone', `session ${pid} of the database of ${found.app} is not there`, {
      why: 'it has ended, or it was mistyped',
      fix: `\`inn db activity ${found.app}\` shows those that are`,
    })
  await cli.client.post(at`/api/apps/${found.app}/sessions/${pid}/end`, { began: session.began, statement })
  if (cli.json) return printJson({ ended: session.pid, statement })
  cli.terminal.print(
    statement
      ? `the statement of session ${pid} is cancelled`
      : `session ${pid} is ended, and its transaction taken back`,
  )
}

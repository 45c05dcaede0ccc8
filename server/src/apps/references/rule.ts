import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { type Hidden, hiding } from '../../kernel/hide.ts'
import { plain } from '../../kernel/output.ts'
import { showSize } from '../../kernel/sizes.ts'
import type { Reference } from '../app/secrets.ts'
import type { Answered } from './ports.ts'

/** Bytes of a value; also what a request may bring. */
export const MOST_BYTES = 65_536
/** Letters of what a command said that are told. */
const MOST_TOLD = 300

/** Whether a deploy asks for the value anew. */
export const isDue = ({ at, cacheMs }: Reference, now: number): boolean => now - at >= cacheMs

/** Whether a deploy may go on with the kept value though the command fails. */
export const mayBeStale = ({ at, staleMs }: Reference, now: number): boolean => now - at < staleMs

interface About {
  name: string
  app: string
  reference: Pick<Reference, 'argv' | 'timeoutMs'>
  /** What must not be told of it: its credentials, and the value that is kept. */
  hidden: Hidden
}

/** The value that a command has printed: all of it, but for one line break at its end. Failure `secret.unresolved`. */
export function saidBy(answered: Answered, about: About): string {
  const problem = problemOf(answered, about)
  if (problem !== null) throw unresolved(about, ...problem)
  return textOf(answered.output)!
}

/** With what a line begins that is of the launcher, and not of the command. */
const LAUNCHER = 'confine: '

/** Why there is no value, and what to do; null: there is one. */
function problemOf(
  { ended, code, output, said }: Answered,
  { reference, hidden }: About,
): [why: string, fix: string] | null {
  const program = reference.argv[0]!
  if (ended === 'late')
    return [
      `${program} did not end within ${showDuration(reference.timeoutMs)}, and was ended`,
      'try again; where it takes longer, set it with --timeout',
    ]
  if (ended === 'large')
    return [
      `${program} printed more than ${showSize(MOST_BYTES)}`,
      'name the one field that is the value: all that the command prints is taken for it',
    ]
  const line = lastLine(said, { ...hidden, value: [output.toString()] })
  if (code === 127 ? line === '' : code === 126 && line.startsWith(LAUNCHER))
    return [
      `there is no program ${program} that it may run`,
      'install it on the server where every user may run it, in /usr/local/bin for one, or name its whole path',
    ]
  if (code !== 0)
    return [
      `${program} ended with ${code ?? 'a signal'}${line === '' ? ', and said nothing' : `: ${line}`}`,
      'see to what it says, and try again',
    ]
  const text = textOf(output)
  if (text === null || text.includes('\0'))
    return [`what ${program} printed is no text`, 'have it printed as text, in base64 for one']
  if (text === '')
    return [`${program} printed nothing`, 'see that the field has a value there, and try again']
  return null
}

/** null: these bytes are no text. */
function textOf(output: Buffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(output)
    return text.replace(/\r?\n$/, '')
  } catch {
    return null
  }
}

/** What looks drawn by a machine: nobody needs it to understand what went wrong, and it may be what must not be told. */
const DRAWN = /(?=[\w+=-]*\d)(?=[\w+=-]*[A-Za-z])[\w+=-]{16,}/g

/** The last line of what a command said, without what is secret. */
export function lastLine(said: string, hidden: Hidden): string {
  const lines = hiding(hidden)(plain(said)).split('\n')
  const last = lines.map(line => line.trim()).findLast(line => line !== '') ?? ''
  return last.replaceAll(DRAWN, '…').slice(0, MOST_TOLD)
}

const unresolved = ({ name, app }: About, why: string, fix: string): Failure =>
  new Failure('secret.unresolved', `the value of ${name} of ${app} could not be had`, { why, fix })

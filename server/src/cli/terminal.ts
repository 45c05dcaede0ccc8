import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { styleText } from 'node:util'
import type { PlanView } from '../engine/wire.ts'
import { coloured, plain } from '../kernel/output.ts'
import { unmarked } from '../kernel/words.ts'

/**
 * The terminal, for output and questions. Colours are shown only to a person. Control characters are removed, because
 * the text may come from an app, a commit or a stranger.
 */
export interface Terminal {
  /** Whether a person uses this terminal, so that questions can be asked. */
  interactive: boolean
  print(text: string): void
  /** Prints to standard error, so that --json stays clean. */
  note(text: string): void
  paint(style: 'green' | 'red' | 'yellow' | 'dim' | 'bold' | 'blue' | 'cyan', text: string): string
  /** Asks a question; output waits until it is answered. '' when `until` aborts before. */
  ask(question: string, until?: AbortSignal): Promise<string>
  /** Asks for something that the screen must not show. */
  askHidden(question: string): Promise<string>
  /** Replaces the last transient line; '' clears it. Shows nothing when no person uses the terminal. */
  transient(text: string): void
  /** Replaces all of the screen, which is one of its own; null: what stood there before comes back. */
  draw(text: string | null): void
  width: number
}

const ENTER_SCREEN = '\x1b[?1049h'
const LEAVE_SCREEN = '\x1b[?1049l'
const TO_THE_TOP = '\x1b[H'
const REST_OF_LINE = '\x1b[K'
const REST_OF_SCREEN = '\x1b[J'

export function openTerminal(): Terminal {
  const interactive = process.stdout.isTTY === true && process.stdin.isTTY === true
  const colour = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined
  // In `inn status | head -1`, the reader closes the pipe when it has enough: that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const harmless = colour ? coloured : plain
  let shown = false
  let held: string[] | null = null
  let drawn = false
  const clear = () => {
    if (shown) process.stdout.write('\r\x1b[2K')
    shown = false
  }
  return {
    interactive,
    width: process.stdout.columns || 100,
    print(text) {
      if (held !== null) return void held.push(text)
      clear()
      process.stdout.write(`${harmless(text)}\n`)
    },
    note(text) {
      clear()
      process.stderr.write(`${harmless(text)}\n`)
    },
    paint: (style, text) => (colour ? styleText(style, plain(text), { validateStream: false }) : text),
    async ask(question, until) {
      clear()
      held ??= []
      try {
        return await answerTo(harmless(question), until)
      } finally {
        const waiting = harmless(held.join('\n'))
        held = null
        if (waiting !== '') process.stdout.write(`${waiting}\n`)
      }
    },
    async askHidden(question) {
      clear()
      process.stdout.write(harmless(question))
      const answer = await answerTo('', undefined, new Writable({ write: (_, __, done) => done() }))
      process.stdout.write('\n')
      return answer
    },
    transient(text) {
      if (process.stdout.isTTY !== true || held !== null) return
      clear()
      if (text === '') return
      process.stdout.write(harmless(text.replaceAll('\n', ' ').slice(0, (process.stdout.columns || 100) - 1)))
      shown = true
    },
    draw(text) {
      if (!drawn && text === null) return
      const enter = drawn ? '' : ENTER_SCREEN
      drawn = text !== null
      if (text === null) return void process.stdout.write(LEAVE_SCREEN)
      // Each line is overwritten in its place: a screen that is cleared first flickers.
      const lines = harmless(text)
        .split('\n')
        .map(line => `${line}${REST_OF_LINE}`)
      process.stdout.write(`${enter}${TO_THE_TOP}${lines.join('\n')}${REST_OF_SCREEN}`)
    },
  }
}

/** What the person types, which `output` repeats; '' when `until` aborts, or the person is gone, before there is an answer. */
async function answerTo(
  question: string,
  until?: AbortSignal,
  output: Writable = process.stdout,
): Promise<string> {
  const reader = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY === true })
  try {
    // Standard input may end before there is an answer: that counts as ''. It is checked one tick later, because Ctrl-C
    // closes the reader too, and then `question` must reject first.
    const gone = new Promise<string>(resolve => reader.once('close', () => setImmediate(resolve, '')))
    const answer = reader.question(question, until === undefined ? {} : { signal: until })
    return (await Promise.race([answer, gone])).trim()
  } catch (error) {
    if (until?.aborted !== true) throw error
    process.stdout.write('\n')
    return ''
  } finally {
    reader.close()
  }
}

/** A text of several lines in one, of so many letters at most. */
export function inOneLine(text: string, most: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`
}

/** A table whose columns are as wide as their widest cell, measured without colours. */
export function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const bare = (text: string) => text.replaceAll(/\x1b\[[\d;]*m/g, '')
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map(row => bare(row[i] ?? '').length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell + ' '.repeat(Math.max(0, widths[i]! - bare(cell).length)))
      .join('  ')
      .trimEnd()
  return [line(head), ...rows.map(line)].join('\n')
}

/** A plan as text, for a person to read before it runs. */
export function showPlan(plan: PlanView, terminal: Terminal): string {
  const steps = plan.steps.map(
    (step, i) =>
      `  ${String(i + 1).padStart(2)}. ${step.title}${step.undo === null ? '' : terminal.paint('dim', `   (if it fails: ${step.undo})`)}`,
  )
  const cleanup = plan.cleanup.map(title => `      ${title}`)
  return [
    terminal.paint('bold', plan.title),
    ...plan.notices.map(notice => terminal.paint('yellow', `  note: ${unmarked(notice)}`)),
    ...steps,
    ...(cleanup.length === 0
      ? []
      : [terminal.paint('dim', '  then, past the point of no return:'), ...cleanup]),
  ].join('\n')
}

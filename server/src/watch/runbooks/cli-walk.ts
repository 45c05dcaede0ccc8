import { setTimeout as sleep } from 'node:timers/promises'
import { at } from '../../cli/client.ts'
import { type Cli, printJson } from '../../cli/command.ts'
import { showDuration } from '../../kernel/durations.ts'
import { EXIT } from '../../kernel/exit.ts'
import { Failure } from '../../kernel/failure.ts'
import type { WalkItem, WalkView } from './wire.ts'

const LOOK_MS = 300

interface With {
  values: Readonly<Record<string, string>>
  /** Whether steps that change something are done without asking. */
  yes: boolean
}

export interface OfApp {
  app?: string
}

export const query = ({ app }: OfApp): string => (app === undefined ? '' : `?app=${encodeURIComponent(app)}`)

/** Reads `name=value`. Failure `usage.set`. */
export function given(set: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    set.map(text => {
      const [, name, value] = /^([a-z][a-z0-9-]*)=(.*)$/s.exec(text) ?? []
      if (name === undefined) throw notAValue(text)
      return [name, value!]
    }),
  )
}

const notAValue = (text: string): Failure =>
  new Failure('usage.set', `--set ${text} is no value`, {
    why: 'it has no name of small letters before =',
    fix: 'write it as --set pid=4711',
  })

/** Walks with a person from where a walk stands, until it ends, or nobody is there to answer. */
export async function walkThrough(cli: Cli, begun: WalkView, asked: With): Promise<void> {
  const { client, terminal, json } = cli
  const show = json ? { item() {} } : shower(cli, begun)
  let walk = begun
  let left = new Map(Object.entries(asked.values))
  for (;;) {
    show.item(walk)
    const item = walk.next === null ? null : walk.items[walk.next]!
    if (item === null) break
    if (item.state === 'running') {
      await sleep(LOOK_MS)
      walk = await client.get<WalkView>(at`/api/walks/${String(walk.id)}`)
      continue
    }
    const answer = await answerTo(cli, walk, { ...asked, values: Object.fromEntries(left) })
    if (answer === null) break
    if (answer.act === 'do') left = new Map([...left].filter(([name]) => !item.values.includes(name)))
    walk = await client
      .post<WalkView>(at`/api/walks/${String(walk.id)}/act`, { item: walk.next, ...answer })
      .catch((error: unknown) => {
        if (!(error instanceof Failure) || error.code !== 'walk.value' || !terminal.interactive) throw error
        terminal.note(`${error.message}: ${error.why}`)
        return walk
      })
  }
  if (json) printJson(walk)
  else terminal.print(endOf(walk))
  if (walk.state === 'open') process.exitCode = EXIT.stuck
}

type Answer = { act: 'do' | 'yes' | 'no' | 'skip'; values: Record<string, string> }

/** What is done with the step whose turn it is; null: nobody says. */
async function answerTo(cli: Cli, { items, next }: WalkView, { values, yes }: With): Promise<Answer | null> {
  const item = items[next!]!
  const here = Object.fromEntries(item.values.map(name => [name, values[name] ?? '']))
  const complete = Object.values(here).every(value => value !== '')
  // What failed before is not done again and again.
  const fresh = item.state === 'pending' && item.kind !== 'question' && item.kind !== 'text'
  if (fresh && complete && (yes || !item.changes)) return { act: 'do', values: here }
  if (cli.json || !cli.terminal.interactive) return null
  return item.kind === 'question' ? answered(cli, item) : done(cli, item, here)
}

async function answered({ terminal }: Cli, item: WalkItem): Promise<Answer | null> {
  const again = item.state === 'failed' ? ', [a]gain' : ''
  for (;;) {
    const said = (
      await terminal.ask(`${item.text} [y]es, [n]o${again}, [l]eave it for later: `)
    ).toLowerCase()
    if (said === 'y' || said === 'yes') return { act: 'yes', values: {} }
    if (said === 'n' || said === 'no') return { act: 'no', values: {} }
    if (said === 'a' && again !== '') return { act: 'do', values: {} }
    if (said === 'l' || said === '') return null
  }
}

const VERBS: Partial<Record<WalkItem['state'], string>> = {
  failed: 'do it [a]gain',
  unknown: 'do it [a]gain',
}

async function done(
  { terminal }: Cli,
  item: WalkItem,
  given: Record<string, string>,
): Promise<Answer | null> {
  const verb = VERBS[item.state] ?? (item.kind === 'text' ? '[d]one' : '[d]o it')
  for (;;) {
    const said = (await terminal.ask(`${verb}, [s]kip it, [l]eave it for later: `)).toLowerCase()
    if (said === 's') return { act: 'skip', values: {} }
    if (said === 'l' || said === '') return null
    if (said === 'd' || said === 'a') break
  }
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(given))
    values[name] = value === '' ? await terminal.ask(`${name}: `) : value
  return { act: 'do', values }
}

function endOf({ id, state, next, items, dry }: WalkView): string {
  if (state === 'done') return dry ? 'this is what it would do; nothing was changed' : 'the runbook is done'
  if (state === 'stopped') return 'the walk was stopped'
  const { text, values } = items[next!]!
  const set = values.map(name => ` --set ${name}=…`).join('')
  return `it waits for somebody: ${text}\n  inn runbook go-on ${id}${set} takes it up; inn runbook stop ${id} ends it`
}

const MARKS: Record<WalkItem['state'], ['green' | 'red' | 'yellow' | 'dim' | 'blue', string]> = {
  done: ['green', '✓'],
  yes: ['green', 'yes'],
  no: ['dim', 'no'],
  skipped: ['dim', 'left out'],
  passed: ['dim', 'does not apply'],
  failed: ['red', '✗'],
  unknown: ['yellow', 'not known: the keeper ended while it went on'],
  pending: ['dim', ''],
  running: ['blue', '…'],
}

/** Prints what a walk has come to, each thing once: a step, what it printed, and how it ended. */
function shower({ terminal }: Cli, { title, about, dry }: WalkView) {
  let section = -1
  let settled = -1
  let begun = -1
  let printed = ''
  terminal.print(terminal.paint('bold', title) + (dry ? terminal.paint('dim', ' (nothing is changed)') : ''))
  if (about !== '') terminal.print(about)
  const heading = (walk: WalkView, item: WalkItem) => {
    if (item.section === section || item.state === 'passed') return
    section = item.section
    const { title: words, prose } = walk.sections[section]!
    terminal.print(`\n${terminal.paint('bold', words)}`)
    if (prose !== '') terminal.print(prose)
  }
  const begin = (n: number, { kind, text }: WalkItem) => {
    if (begun === n || kind === 'question' || kind === 'text') return
    begun = n
    terminal.print(`  ${terminal.paint('cyan', text)}`)
  }
  const output = (text: string | null) => {
    const all = text ?? ''
    const more = all.startsWith(printed) ? all.slice(printed.length) : all
    if (more.trim() !== '') terminal.print(more.replace(/\n$/, '').replaceAll(/^/gm, '    '))
    printed = all
  }
  const end = ({ state, ms, kind, text }: WalkItem) => {
    const [style, mark] = MARKS[state]
    const took = ms === null ? '' : terminal.paint('dim', ` ${showDuration(ms)}`)
    const said = kind === 'question' || kind === 'text' ? ` ${text}` : ''
    if (state !== 'passed') terminal.print(`  ${terminal.paint(style, mark)}${said}${took}`)
    printed = ''
  }
  return {
    item(walk: WalkView) {
      const upTo = Math.min(walk.next ?? walk.items.length, walk.items.length - 1)
      for (let n = settled + 1; n <= upTo; n++) {
        const item = walk.items[n]!
        const open = n === walk.next
        heading(walk, item)
        if (item.state !== 'passed') begin(n, item)
        if (open && item.state === 'pending') continue
        output(item.output)
        if (open && item.state === 'running') continue
        end(item)
        if (!open) settled = n
      }
    },
  }
}

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { type Cli, printJson } from '../../cli/command.ts'
import { local } from '../../cli/times.ts'
import { Failure } from '../../kernel/failure.ts'
import { iso } from '../../kernel/moments.ts'
import { BEGINNING, follows } from './chain.ts'
import { ChainedEntry } from './wire.ts'

/** Letters of a hash that are shown. */
const SHOWN = 16

/** inn audit export */
export async function auditExport({ client, terminal }: Cli): Promise<void> {
  for await (const entry of entriesOf(client)) terminal.print(JSON.stringify(entry))
}

/** inn audit verify [file]. Failure `audit.broken`, `audit.other`. */
export async function auditVerify({ client, terminal, json }: Cli, file: string | undefined): Promise<void> {
  const kept = file === undefined ? null : await checked(linesOf(file), file)
  if (kept?.last === null) throw noLog(file!, 'it has no entry')
  const now = await checked(entriesOf(client), 'the audit log', kept?.last ?? null)
  if (kept !== null && !now.holds) throw otherThan(file!, kept.last!)
  const { last, entries } = now
  if (json)
    return printJson({ entries, head: last === null ? null : { id: last.id, at: last.at, hash: last.hash } })
  if (last === null) return terminal.print('nothing was done yet')
  terminal.print(`${entries} ${entries === 1 ? 'entry' : 'entries'}, each follows from the one before it`)
  if (kept !== null) terminal.print(`all ${kept.entries} of ${file} are among them, unchanged`)
  terminal.print(`the last: ${last.id} of ${local(last.at)}, ${last.hash.slice(0, SHOWN)}`)
  if (kept === null)
    terminal.note(
      '`inn audit export` to another machine, and verifying against it, shows also what is cut off at the end',
    )
}

interface Checked {
  entries: number
  last: ChainedEntry | null
  /** Whether the entry that was looked for is among them, with its hash. */
  holds: boolean
}

/** Goes through entries in their order. Failure `audit.broken`. */
async function checked(
  all: AsyncIterable<ChainedEntry>,
  where: string,
  wanted: ChainedEntry | null = null,
): Promise<Checked> {
  const found: Checked = { entries: 0, last: null, holds: wanted === null }
  for await (const entry of all) {
    if (!follows(found.last?.hash ?? BEGINNING, entry)) throw broken(where, entry)
    found.last = entry
    found.entries++
    if (entry.id === wanted?.id && entry.hash === wanted.hash) found.holds = true
  }
  return found
}

async function* entriesOf(client: Cli['client']): AsyncGenerator<ChainedEntry> {
  for (let after = 0; ; ) {
    const some = await client.get<ChainedEntry[]>(`/api/audit/chain?after=${after}`)
    if (some.length === 0) return
    yield* some
    after = some.at(-1)!.id
  }
}

async function* linesOf(file: string): AsyncGenerator<ChainedEntry> {
  let n = 0
  try {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      n++
      if (line !== '') yield ChainedEntry.parse(JSON.parse(line))
    }
  } catch (error) {
    throw noLog(file, n === 0 ? (error as Error).message : `line ${n} is no entry of one`)
  }
}

const noLog = (file: string, why: string): Failure =>
  new Failure('usage.file', `${file} is no audit log that was exported`, {
    why,
    fix: '`inn audit export > FILE` makes one',
  })

const broken = (where: string, { id, at, actor, action }: ChainedEntry): Failure =>
  new Failure('audit.broken', `${where} was changed at entry ${id}`, {
    why: `that entry says that ${actor} did "${action}" at ${iso(at)}, and its hash is of something else: it was changed, or one before it was added, changed or taken away`,
    fix: 'compare with a file that was exported earlier, and look at who can be root on that server',
    facts: { entry: id },
  })

const otherThan = (file: string, { id, hash }: ChainedEntry): Failure =>
  new Failure('audit.other', `the audit log does not go on where ${file} ends`, {
    why: `its entry ${id} has not the hash ${hash.slice(0, SHOWN)}…, or is gone: entries were cut off, or all were written anew`,
    fix: 'if the server was recovered from a backup, entries after that backup are gone; else look at who can be root there',
    facts: { entry: id },
  })

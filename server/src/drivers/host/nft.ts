import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tableName } from '../../apps/app/names.ts'
import type { Held, PortWall } from '../../apps/app/port-wall.ts'
import { describe } from '../../kernel/failure.ts'
import { inTurns } from '../../kernel/turns.ts'
import { exec, execOk } from './exec.ts'
import { writeDurable } from './files.ts'
import { isRoot } from './proc.ts'

/** File with the rules that were set last, so that they are loaded at a start of the server before anything listens. */
export const fileOf = (home: string): string => join(home, 'edge', 'ports.nft')

/** Loads the rules before the services start; does nothing at the first start of a home. */
export async function raisePortWall(home: string): Promise<void> {
  const text = await readFile(fileOf(home), 'utf8').catch(() => '')
  if (isRoot() && text !== '') await exec(nft(text)).catch(() => {}) // The keeper tries again later, and reports why it fails.
}

/** How rules are loaded, all of them or none. */
export const nft = (text: string) => ({ argv: ['nft', '-f', '-'], input: text, timeoutMs: 20_000 })

/**
 * A table of nftables for each home. Every connection to a port begins with an answer of the listener, and the kernel
 * knows the listener's user: an answer of any other user than the port's own is dropped.
 */
export function portWall(home: string): PortWall {
  const turn = inTurns()
  let problem: string | null = null
  return {
    problem: () => problem,
    hold: held =>
      turn(async () => {
        if (!isRoot()) return
        try {
          const text = ruleset(tableName(home), held)
          await execOk(nft(text), 'guarding the ports of apps')
          problem = null
          // A disk that is full must not keep the wall of this moment away.
          await writeDurable(fileOf(home), text).catch(error => {
            problem = `after the next start of this machine, because the rules could not be stored: ${told(error)}`
          })
        } catch (error) {
          problem = told(error)
        }
      }),
  }
}

function told(error: unknown): string {
  const { what, why } = describe(error)
  return `${what}: ${why}`
}

/** Removes the table of a home; does nothing when there is none. */
export async function dropPortWall(home: string): Promise<void> {
  if (isRoot()) await exec(nft(`delete table inet ${tableName(home)}\n`)).catch(() => {}) // Without nftables there is no table.
}

/** The ports that the tables of all homes on this machine guard; none without root or without nftables. */
export async function guardedPorts(): Promise<ReadonlySet<number>> {
  if (!isRoot()) return new Set()
  const listed = await exec({ argv: ['nft', '-j', 'list', 'sets', 'inet'], timeoutMs: 20_000 }).catch(
    () => null,
  )
  return new Set(listed?.code === 0 ? guardedIn(listed.stdout) : [])
}

interface Sets {
  nftables: ReadonlyArray<{ set?: { name: string; table: string; elem?: readonly number[] } }>
}

const guardedIn = (json: string): number[] =>
  (JSON.parse(json) as Sets).nftables.flatMap(({ set }) =>
    set?.name === 'guarded' && set.table.startsWith('innkeeper_') ? (set.elem ?? []) : [],
  )

/** The text that replaces the whole table in one transaction of the kernel. */
function ruleset(table: string, held: readonly Held[]): string {
  const elements = (texts: string[]) => (texts.length === 0 ? '' : `elements = { ${texts.join(', ')} }`)
  const sorted = [...held].sort((a, b) => a.port - b.port)
  return `table inet ${table} {}
delete table inet ${table}
table inet ${table} {
  set guarded { type inet_service; ${elements(sorted.map(h => String(h.port)))} }
  set owners { type inet_service . uid; ${elements(sorted.map(h => `${h.port} . ${h.uid}`))} }
  chain answers {
    type filter hook output priority filter; policy accept;
    oif "lo" tcp sport @guarded tcp sport . meta skuid != @owners drop
  }
}
`
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tableName } from '../../apps/app/names.ts'
import type { Held, PortWall } from '../../apps/app/port-wall.ts'
import { describe } from '../../kernel/failure.ts'
import { inTurns } from '../../kernel/turns.ts'
import { exec, execOk } from './exec.ts'
import { writeDurable } from './files.ts'
import { isRoot } from './proc.ts'

/** As it was set last: a start of the server has it before anything listens. */
export const fileOf = (home: string): string => join(home, 'edge', 'ports.nft')

/** Before the services start. Nothing happens at the first start of all. */
export async function raisePortWall(home: string): Promise<void> {
  const text = await readFile(fileOf(home), 'utf8').catch(() => '')
  if (isRoot() && text !== '') await exec(nft(text)).catch(() => {}) // The keeper tries it again, and says why it fails.
}

const nft = (text: string) => ({ argv: ['nft', '-f', '-'], input: text, timeoutMs: 20_000 })

/**
 * A table of nftables for each home. A connection to a port begins with an answer of the listener, and the kernel knows
 * whose the listener is: the answer of anybody but the port's own user is dropped.
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
          await writeDurable(fileOf(home), text)
          await execOk(nft(text), 'guarding the ports of apps')
          problem = null
        } catch (error) {
          const { what, why } = describe(error)
          problem = `${what}: ${why}`
        }
      }),
  }
}

/** Takes the table of a home away. Nothing happens when there is none. */
export async function dropPortWall(home: string): Promise<void> {
  if (isRoot()) await exec(nft(`delete table inet ${tableName(home)}\n`)).catch(() => {}) // Without nftables there is none.
}

/** Replaced as a whole, in one transaction of the kernel. */
export function ruleset(table: string, held: readonly Held[]): string {
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

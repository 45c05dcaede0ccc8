import { tableName } from '../../apps/app/names.ts'
import { describe } from '../../kernel/failure.ts'
import type { Account } from '../../servers/confinement/account.ts'
import type { Listening } from '../../watch/metrics/ports.ts'
import { exec, execOk } from '../host/exec.ts'
import { nft } from '../host/nft.ts'
import { isRoot } from '../host/proc.ts'

const tableOf = (home: string): string => `${tableName(home)}_metrics`

/**
 * Only root and the user of what measures connect to these ports, and only that user answers there: the figures of one
 * app are no business of another, and an exporter asks, with its password, whatever address it is told. Resolves with why that is not so; null: it is.
 */
export async function raiseMetricsWall(
  home: string,
  ports: Listening,
  account: Account | null,
): Promise<string | null> {
  if (!isRoot() || account === null) return null
  const table = tableOf(home)
  const guarded = `{ ${Object.values(ports).join(', ')} }`
  const text = `table inet ${table} {}
delete table inet ${table}
table inet ${table} {
  chain asks {
    type filter hook output priority filter; policy accept;
    oif "lo" tcp dport ${guarded} meta skuid != { 0, ${account.uid} } reject with tcp reset
    oif "lo" tcp sport ${guarded} meta skuid != ${account.uid} drop
  }
}
`
  try {
    await execOk(nft(text), 'guarding the ports of metrics')
    return null
  } catch (error) {
    return describe(error).why
  }
}

export async function dropMetricsWall(home: string): Promise<void> {
  if (isRoot()) await exec(nft(`delete table inet ${tableOf(home)}\n`)).catch(() => {}) // Without nftables there is no table.
}

import { type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { watched } from '../../cli/watched.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { percent } from './rule.ts'
import type { Top } from './wire.ts'

const EVERY_MS = 1_500
/** What is idle and small says nothing. */
const LEAST_BYTES = 1024 ** 2
/** Lines beside the table: a heading, an empty line, the head of the table, the end. */
const AROUND = 4

/** inn top */
export async function top(cli: Cli, { once, sort }: { once?: boolean; sort: string }): Promise<void> {
  if (sort !== 'cpu' && sort !== 'memory')
    throw new Failure('usage.sort', `--sort ${sort} cannot be done`, {
      why: 'there are processors and memory',
      fix: '`inn top --sort memory`',
    })
  const { client, terminal, json } = cli
  const read = () => client.get<Top>('/api/top')
  if (json) return printJson(await read())
  if (once || !terminal.interactive) return terminal.print(shown(await read(), sort))
  await watched(terminal, EVERY_MS, async screen =>
    screen.print(shown(await read(), sort, Math.max(5, (process.stdout.rows || 24) - AROUND))),
  )
}

function shown(
  { cpus, memoryBytes, memoryFreeBytes, groups }: Top,
  sort: 'cpu' | 'memory',
  rows?: number,
): string {
  const used = groups.reduce((sum, one) => sum + one.cpu, 0)
  const ranked = sort === 'cpu' ? groups : groups.toSorted((a, b) => b.bytes - a.bytes)
  const worth = ranked.filter(one => one.bytes >= LEAST_BYTES || one.cpu >= 0.01).slice(0, rows)
  return [
    `${percent(used)} of ${cpus * 100} % processor   ${showSize(memoryBytes - memoryFreeBytes)} of ${showSize(memoryBytes)} memory`,
    '',
    table(
      ['NAME', 'PROCESSOR', 'MEMORY', 'PROCESSES'],
      worth.map(one => [
        one.kind === 'service' ? one.name : `(${one.name})`,
        percent(one.cpu),
        showSize(one.bytes),
        String(one.processes),
      ]),
    ),
  ].join('\n')
}

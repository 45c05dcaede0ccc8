import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RunRow } from '../../engine/journal.ts'
import { type MarkPorts, marksOf } from './marks.ts'

const run = (kind: string, startedAt: number, more: Partial<RunRow> = {}): RunRow =>
  ({
    id: `${kind}${startedAt}`,
    plan: { kind, app: 'shop', release: kind === 'deploy' ? 'r7' : undefined },
    startedAt,
    endedAt: startedAt + 5,
    outcome: 'done',
    ...more,
  }) as RunRow
const ports = (
  runs: RunRow[],
  alerts: Array<{ name: string; app: string | null; at: number }> = [],
): MarkPorts => ({ runs: () => runs, alerts: async () => alerts })
const labels = async (ports: MarkPorts, app: string | null = 'shop') =>
  (await marksOf(ports, app, 100)).map(({ label, kind }) => `${label} (${kind})`)

test('changes, restarts by the keeper, backups and alerts are marked, the newest first', async () => {
  const runs = [run('deploy', 110), run('replace', 120), run('backup', 130), run('drill', 140)]
  assert.deepEqual(await labels(ports(runs, [{ name: 'AppSlow', app: 'shop', at: 127 }])), [
    'backup (backup)',
    'AppSlow (alert)',
    'restart (change)',
    'deploy r7 (change)',
  ])
})

test('what was before, or came to nothing, is no mark', async () => {
  const runs = [
    run('deploy', 99),
    run('deploy', 110, { outcome: 'undone' }),
    run('deploy', 120, { outcome: null }),
  ]
  assert.deepEqual(await labels(ports(runs, [{ name: 'AppSlow', app: 'shop', at: 99 }])), [])
})

test('where there is no one app each mark says whose it is', async () => {
  const alerts = [{ name: 'HostCpu', app: null, at: 130 }]
  assert.deepEqual(await labels(ports([run('deploy', 110)], alerts), null), [
    'HostCpu (alert)',
    'shop deploy r7 (change)',
  ])
})

test('there are no more marks than a chart can show, and backups give way', async () => {
  const runs = Array.from({ length: 90 }, (_, n) => run(n % 2 === 0 ? 'backup' : 'restart', 200 - n))
  const shown = await labels(ports(runs))
  assert.deepEqual([shown.length, shown.includes('backup (backup)')], [45, false])
})

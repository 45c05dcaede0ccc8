import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planTune } from './plan.ts'
import { type SettingFacts, tuned } from './tuning.ts'

const setting = (name: string, runs: string, wanted: string, source = 'command line'): SettingFacts => ({
  ...{ name, runs, wanted, source, atStart: true },
})
const of = (...settings: SettingFacts[]) => tuned({ sizes: { memory: 4e9, cores: 2, clusters: 1 }, settings })

test('a setting fits in whatever unit it is shown, comes with the next start, or was set by somebody', () => {
  const found = of(
    setting('work_mem', '4MB', '5MB', 'configuration file'),
    setting('shared_buffers', '1GB', '1024MB'),
    setting('log_autovacuum_min_duration', '10000ms', '10s'),
    setting('effective_cache_size', '128MB', '256MB'),
    setting('log_temp_files', '-1', '10MB', 'default'),
  )
  assert.deepEqual(
    found.map(({ name, state }) => [name, state]),
    [
      ['shared_buffers', 'fits'],
      ['effective_cache_size', 'start'],
      ['work_mem', 'set'],
      ['log_temp_files', 'start'],
      ['log_autovacuum_min_duration', 'fits'],
    ],
  )
  assert.deepEqual(planTune('shop', found).steps[0]!.does, {
    kind: 'database.tune',
    app: 'shop',
    settings: { effective_cache_size: '256MB', log_temp_files: '10MB' },
  })
  assert.throws(() => planTune('shop', of(setting('work_mem', '4MB', '4096kB'))), { code: 'tune.nothing' })
})

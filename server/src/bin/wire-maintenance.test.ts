import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import type { OneOff } from '../apps/releases/one-off.ts'
import type { Keeper } from './wire.ts'
import { maintenanceCommands } from './wire-maintenance.ts'

test('what a command of a maintenance prints is shown and kept without secrets, also where it failed', async () => {
  const oneOff: OneOff = async ({ argv, stdout, stderr }) => {
    stdout.write(`${argv.join(' ')} with very-secret-key\n`)
    stderr.end('Error: refused very-secret-key\n')
    return {
      stdin: new PassThrough(),
      signal: () => {},
      resize: async () => {},
      finished: Promise.resolve({ code: 3, signal: null, tail: '', stdout: '', ms: 1 }),
    }
  }
  const keeper = {
    apps: { get: async () => ({ live: {} }), secrets: async () => ({ API_KEY: 'very-secret-key' }) },
    releases: { get: async () => ({}) },
  } as unknown as Keeper
  const lines: string[] = []
  const say = (line: string) => void lines.push(line)
  const { signal } = new AbortController()
  const { code, tail } = await maintenanceCommands(keeper, oneOff).command('shop', 'npm run "a b"', {
    signal,
    say,
  })
  assert.deepEqual(lines, ['npm run a b with ***API_KEY***', 'Error: refused ***API_KEY***'])
  assert.deepEqual([code, tail], [3, lines.join('\n')])
})

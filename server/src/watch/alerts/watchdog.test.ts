import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWatchdog } from './watchdog.ts'

test('the watchdog is called each minute, and three calls in a row that fail are an alarm', async () => {
  const state = { address: null as string | null, fails: false }
  const called: string[] = []
  const watchdog = createWatchdog({
    address: async () => state.address,
    async call(address) {
      called.push(address)
      if (state.fails) throw new Error('it answered 500')
    },
  })
  const codes = async () => (await watchdog.alarms()).map(one => one.code)
  await watchdog.tick()
  assert.deepEqual(called, [])
  state.address = 'https://hc.example.com/1'
  state.fails = true
  for (let n = 0; n < 2; n++) await watchdog.tick()
  assert.deepEqual(await codes(), [])
  await watchdog.tick()
  assert.deepEqual(await codes(), ['watchdog.unreachable'])
  state.fails = false
  await watchdog.tick()
  assert.deepEqual([await codes(), called.length], [[], 4])
})

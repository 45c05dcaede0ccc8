import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { createBusiest } from '../../watch/processes/busiest.ts'
import { processes } from './processes.ts'

test('a process that works is found with what it uses, and a second look follows the first at once', async t => {
  const busy = spawn(process.execPath, ['-e', 'for (;;);'])
  t.after(() => busy.kill('SIGKILL'))
  await new Promise(resolve => busy.once('spawn', resolve))
  const list = processes(async () => null)
  const own = (await list.read()).find(one => one.pid === busy.pid)!
  assert.deepEqual([own.ppid, own.name], [process.pid, 'node'])
  assert.ok(own.ownBytes > 1e6 && own.sharedBytes > 1e6, JSON.stringify(own))
  const pauses: number[] = []
  const busiest = createBusiest(list, async ms => {
    pauses.push(ms)
    await new Promise(resolve => setTimeout(resolve, ms))
  })
  const [first] = await Promise.all([busiest(), busiest()])
  const node = first.find(one => one.name === own.name)!
  assert.ok(node.cpu > 0.2 && node.kind === 'program', JSON.stringify(node))
  assert.equal(pauses.length, 1, 'two who ask at once share one look')
  await new Promise(resolve => setTimeout(resolve, 600))
  await busiest()
  assert.equal(pauses[1], 0)
})

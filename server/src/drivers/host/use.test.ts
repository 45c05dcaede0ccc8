import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { useOf } from './use.ts'

test('the use of a process counts its descendants', async t => {
  const script = 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; sleep 30 & echo done; read x'
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'], detached: true })
  t.after(() => process.kill(-child.pid!, 'SIGKILL'))
  await once(child.stdout, 'data')
  const found = (await useOf(child.pid!))!
  assert.ok(found.cpuSeconds > 0.01 && found.cpuSeconds < 60, String(found.cpuSeconds))
  // The shell, and sleep, which has its three.
  assert.ok(found.openFds >= 6, String(found.openFds))
  assert.ok(found.rssBytes > 200_000 && found.maxFds > 100)
  assert.ok(Math.abs(Date.now() / 1000 - found.startedAt) < 60, String(found.startedAt))
})

test('a process that is gone uses nothing', async () => assert.equal(await useOf(4_000_000), null))

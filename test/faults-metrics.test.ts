import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { exec, execOk } from '../server/src/drivers/host/exec.ts'
import { makeApp, serverJs, yaml } from './kit/app.ts'
import { makeServer } from './kit/server.ts'

test('the disk of what was measured is full: it is said, and nothing else suffers', async t => {
  const at = await mkdtemp(join(tmpdir(), 'inn-t-'))
  const data = join(at, 'metrics/data')
  await mkdir(data, { recursive: true })
  await chmod(join(at, 'metrics'), 0o711)
  await execOk(
    { argv: ['mount', '-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', data], timeoutMs: 5_000 },
    'mounting',
  )
  t.after(async () => {
    await full?.remove()
    await exec({ argv: ['umount', '-l', data], timeoutMs: 5_000 })
    await rm(at, { recursive: true, force: true })
  })
  const full = await makeServer({ at, metrics: true })
  const small = await makeApp(full, 't-full', {
    'innkeeper.yaml': yaml('t-full'),
    'server.js': serverJs('v1'),
  })
  assert.equal((await small.deploy()).json.outcome, 'done')
  const codes = async () => (await full.status()).alarms.map(({ code, what }) => `${code} ${what}`)
  assert.doesNotMatch((await codes()).join('\n'), /metrics\/data/)
  await exec({ argv: ['dd', 'if=/dev/zero', `of=${join(data, 'fill')}`, 'bs=1M'], timeoutMs: 20_000 })
  for (
    const end = Date.now() + 30_000;
    !/disk.*metrics\/data/s.test((await codes()).join('\n'));
    await sleep(500)
  )
    assert.ok(Date.now() < end, (await codes()).join('\n'))
  const again = await small.deploy()
  assert.equal(again.json.outcome, 'done', again.text)
  const { url } = await full.app('t-full', ({ state }) => state === 'serving')
  assert.equal((await fetch(url!)).status, 200)
})

test('a home without metrics has none of it, and says how to have it', async t => {
  const bare = await makeServer()
  t.after(() => bare.remove())
  assert.deepEqual((await bare.status()).parts.map(part => part.name).sort(), ['edge', 'supervision'])
  assert.match((await bare.inn(['metrics', '--query', 'up'])).text, /nothing is measured here/)
})

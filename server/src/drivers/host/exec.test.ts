import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exec } from './exec.ts'

test('hidden values stand in no line and not in the tail of what a program prints; its output as data is whole', async () => {
  const lines: string[] = []
  const script = 'printf "uses secret-"; sleep 0.1; printf "of-shop\\n"; printf "last secret-of-shop" >&2'
  const { stdout, tail } = await exec({
    argv: ['sh', '-c', script],
    timeoutMs: 10_000,
    onLine: line => lines.push(line),
    hidden: { TOKEN: ['secret-of-shop'] },
  })
  assert.deepEqual(lines, ['uses ***TOKEN***', 'last ***TOKEN***'])
  assert.equal(tail.includes('secret-of-shop'), false)
  assert.equal(stdout, 'uses secret-of-shop\n')
})

test('what does not end is ended in time, whoever else holds its output', async () => {
  const since = performance.now()
  const late = exec({ argv: ['sh', '-c', 'setsid sleep 8 & sleep 100'], timeoutMs: 300 })
  await assert.rejects(late, { code: 'exec.timeout' })
  assert.ok(performance.now() - since < 5_000)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goTo } from './elsewhere.ts'

const tried = async (host: string, port = 80): Promise<string> => {
  const gone: string[] = []
  const work = async (address: string) => void gone.push(address)
  await goTo({ host, port }, { timeoutMs: 2_000, guarded: new Set([9090]) }, work).catch((error: Error) =>
    gone.push(error.message),
  )
  return gone.join()
}

test('what the provider of the machine tells is asked by nobody, however its address is written', async () => {
  for (const host of [
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    'fe80::1',
    'fd00:ec2::254',
  ])
    assert.match(await tried(host), /is of this machine's link/, host)
  for (const host of ['192.0.2.1', '2001:db8::1', '10.0.0.1', 'fd12::1'])
    assert.equal(await tried(host), host)
})

test('ports of loopback that are root’s are refused, and others are asked', async () => {
  for (const host of ['127.0.0.1', '127.1.2.3', '0.0.0.0', '::1', '::ffff:127.0.0.1'])
    assert.match(await tried(host, 9090), /for the keeper alone/, host)
  assert.equal(await tried('127.0.0.1', 8080), '127.0.0.1')
  assert.match(await tried('localhost', 9090), /for the keeper alone/)
})

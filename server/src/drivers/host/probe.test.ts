import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { look } from '../../apps/checks/health.ts'
import { readConfig } from '../../config/read.ts'
import { probe } from './probe.ts'

test('an app that insists on https and on its own name is healthy when it is asked as the file says', async () => {
  const server = createServer((request, response) => {
    const { host, 'x-forwarded-proto': proto } = request.headers
    if (host === 'shop.example' && proto === 'https') response.end('fine')
    else response.writeHead(301, { location: `https://shop.example${request.url}` }).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const seen = async (more: string) => {
    const text = `name: a\nservices: { a: { start: node a, health: { path: /up${more} } } }`
    return look(probe, port, readConfig(text).config!.services[0]!.health)
  }
  assert.match((await seen('')).detail, /301 to https:\/\/shop.example\/up, not 200; with proto: https/)
  assert.match((await seen(', proto: https')).detail, /with host: shop.example/)
  assert.equal((await seen(', proto: https, host: shop.example')).ok, true)
  server.close()
})

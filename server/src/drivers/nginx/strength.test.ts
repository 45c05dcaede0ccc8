import assert from 'node:assert/strict'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { headersBy } from '../../config/answers.ts'
import { opening } from '../../reach/edge/edge.ts'
import { exec } from '../host/exec.ts'
import { removeTree } from '../host/files.ts'
import { selfMade, shake } from './certificates.fixture.ts'
import { NO_RULES } from './guard.fixture.ts'
import { type App, freePort, only, proxy, type Running, startApp, startEdge } from './nginx.fixture.ts'

let edge: Running
let app: App
let https: number
let chain: string

before(async () => {
  https = await freePort()
  ;[edge, app] = await Promise.all([
    startEdge({ https: { address: '127.0.0.1', port: https } }),
    startApp('blue'),
  ])
  // With the address, because some of what is tried comes without a name.
  const domains = ['shop.example', '127.0.0.1']
  await edge.edge.configure(opening({ ...edge.site, domains }))
  await edge.edge.route('shop', {
    ...only(proxy('r1', [app])),
    guard: { ...NO_RULES, headers: headersBy({}) },
  })
  const certificate = await selfMade(domains)
  chain = certificate.chain
  await edge.edge.certify('shop', { ...certificate, hstsFrom: Date.now() - 1 })
})
after(() => Promise.all([edge.stop(), app.kill()]))

interface Finding {
  id: string
  severity: 'OK' | 'INFO' | 'DEBUG' | 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL' | 'WARN' | 'FATAL'
  finding: string
}

/** Protocols, ciphers, preferences, the hello, headers and known attacks; nothing is asked of the network. */
const TRIED = ['-p', '-s', '-P', '-S', '-h', '-U']
/** That what is no finding was looked for; RC4 is the last of all. */
const LOOKED_FOR = [
  'TLS1_1',
  'cipherlist_NULL',
  'cipher_order',
  'HSTS_time',
  'heartbleed',
  'secure_renego',
  'ROBOT',
  'RC4',
]
/** What is about the certificate, which is of nobody that others trust and ends in two days; and about testssl's own openssl. */
const NOT_OF_THE_EDGE = /^(cert|engine_problem$)/

/** Looks again while testssl gave up on a connection, as it does on a machine with much to do: that is no finding. */
async function findings(): Promise<Finding[]> {
  for (let look = 1; ; look++) {
    const found = await onceFound()
    if (look === 3 || !found.some(({ finding }) => finding.includes('connect problem'))) return found
  }
}

async function onceFound(): Promise<Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'strength-'))
  const file = join(folder, 'findings.json')
  const quiet = ['--quiet', '--color', '0', '--warnings', 'batch', '--nodns', 'none', '--ip', '127.0.0.1']
  const argv = ['testssl', ...quiet, ...TRIED, '--jsonfile', file, `shop.example:${https}`]
  // With what code it ends depends on its version, and on what it thinks of the certificate.
  await exec({ argv, timeoutMs: 140_000 })
  const found = JSON.parse(await readFile(file, 'utf8')) as Finding[]
  await removeTree(folder)
  return found
}

test('testssl finds nothing above low, and nothing that it could not try', async () => {
  const found = await findings()
  const ids = found.map(({ id }) => id)
  for (const id of LOOKED_FOR) assert.ok(ids.includes(id), `${id} was not tried`)
  const wrong = found.filter(
    ({ id, severity }) => !NOT_OF_THE_EDGE.test(id) && !['OK', 'INFO', 'DEBUG', 'LOW'].includes(severity),
  )
  assert.deepEqual(wrong, [])
})

test('the order of the edge decides, and whoever names ChaCha20 first gets it', async () => {
  const agreed = async (maxVersion: string, ciphers: readonly string[]) => {
    const socket = await shake(https, 'shop.example', chain, { ciphers: ciphers.join(':'), maxVersion })
    const { name } = socket.getCipher()
    socket.destroy()
    return name
  }
  const [quick, strong, chacha] = [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
  ]
  assert.equal(await agreed('TLSv1.3', [strong, chacha, quick]), quick)
  assert.equal(await agreed('TLSv1.3', [chacha, strong, quick]), chacha)
  const older = ['AES256-GCM-SHA384', 'CHACHA20-POLY1305', 'AES128-GCM-SHA256'].map(
    cipher => `ECDHE-ECDSA-${cipher}`,
  )
  assert.equal(await agreed('TLSv1.2', older), older[2])
  assert.equal(await agreed('TLSv1.2', [older[1]!, older[0]!, older[2]!]), older[1])
})

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Fixture, makeApp } from './kit/app.ts'
import { secretsOf } from './kit/data.ts'
import { good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-logs'

/** Says its secrets wherever it can. */
const YAML = `name: ${NAME}
env: { JWT_SECRET: { generate: 40 } }
logging: { level: info }
release: node tell.js release
services:
  web:
    start: node server.js
    build: node tell.js build
    buildEnv: { TOKEN: { from: TOKEN } }
    health: { path: /, interval: 200ms }
buildMemory: 300MB
`
const TELL = `console.log(process.argv[2] + ' has ' + process.env.TOKEN + ' and ' + process.env.JWT_SECRET)
process.exitCode = process.argv[2] === 'failed' ? 1 : 0
`
const SERVER = `
require('./tell.js')
console.log(JSON.stringify({ level: 20, msg: 'debug' }))
console.log(JSON.stringify({ level: 30, msg: 'starts', env: { JWT_SECRET: process.env.JWT_SECRET } }))
require('node:http').createServer((_, response) => response.end('ok')).listen(process.env.PORT, '127.0.0.1')
`

let server: Server
let app: Fixture

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, { 'innkeeper.yaml': YAML, 'tell.js': TELL, 'server.js': SERVER })
})
after(() => server?.remove())

test('what an app, its build and its release command say of their secrets is masked, and debug is left out', async () => {
  good(await app.deploy(['--watch', '0s', '--env', 'TOKEN'], { env: { TOKEN: 'given-at-the-deploy' } }))
  const secret = (await secretsOf(server, NAME))['JWT_SECRET']!
  let text = ''
  for (let n = 0; n < 200 && !text.includes('starts'); n++, await sleep(50))
    ({ text } = await server.inn(['logs', NAME]))
  assert.match(text, /"JWT_SECRET\\":\\"\*\*\*JWT_SECRET\*\*\*/)
  assert.match(text, /and \*\*\*JWT_SECRET\*\*\*/)
  assert.doesNotMatch(text, /debug/)
  // Where the app's own services are defined their environment stands, and in the store what was given.
  const places = ['apps', 'log', 'sv/keeper'].map(part => `${server.home}/${part}`)
  for (const value of [secret, 'given-at-the-deploy']) {
    const { stdout } = await promisify(execFile)('grep', ['-rlF', value, ...places]).catch(error => error)
    assert.equal(stdout, '')
  }
  await app.write({ 'innkeeper.yaml': YAML.replace('tell.js release', 'tell.js failed') })
  const failed = await app.deploy()
  assert.match(failed.text, /failed has undefined and \*\*\*JWT_SECRET\*\*\*/)
  assert.equal(failed.text.includes(secret), false)
})

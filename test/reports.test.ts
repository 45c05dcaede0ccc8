import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { provider, TELEGRAM } from '../server/src/drivers/channels/provider.fixture.ts'
import type { Report } from '../server/src/watch/reports/wire.ts'
import { makeApp, serverJs, yaml } from './kit/app.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-report'
let server: Server
const them = await provider({ after }, TELEGRAM)
const texts = () =>
  them.took
    .filter(({ path }) => path.endsWith('/sendMessage'))
    .map(({ body }) => JSON.parse(body).text as string)
    .filter(text => text.includes(' report: '))

async function until(what: string, look: () => Promise<boolean> | boolean, ms = 30_000): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(200))
    if (await Promise.resolve(look()).catch(() => false)) return
  assert.fail(`never: ${what}; told:\n${texts().join('\n')}`)
}

before(async () => {
  server = await makeServer({ http: true })
  const app = await makeApp(server, NAME, { 'innkeeper.yaml': yaml(NAME), 'server.js': serverJs('v1') })
  assert.equal((await app.deploy()).json.outcome, 'done')
})
after(() => server?.remove())

/** Asks again while something did not answer in time, as a machine with much to do may need. */
async function reported(...flags: string[]): Promise<Report> {
  for (const end = Date.now() + 60_000; ; await sleep(1_000)) {
    const printed = await server.inn(['report', ...flags])
    assert.equal(printed.code, 0, printed.text)
    const report = printed.json as unknown as Report
    if (Date.now() > end || !report.sections.some(({ says }) => says.includes('it took too long')))
      return report
  }
}

test('inn report says what changed and how each part stands, and of what is not measured that it is not known', async () => {
  const report = await reported('--week')
  const of = (name: string) => report.sections.find(one => one.name === name)!
  assert.match(of('runs').says, /1 deploy/)
  assert.match(of('runs').lines[0]!.text, /t-report/)
  // This home has no Prometheus: a week back nobody counted.
  assert.equal(of('traffic').state, 'unknown')
  assert.match(of('traffic').says, /nothing is measured here/)
  assert.equal(of('incidents').state, 'well')
  assert.match(of('updates').says, /for security/)
  const day = await reported('--day')
  assert.equal(day.sections.find(one => one.name === 'traffic')!.state, 'well')
  assert.deepEqual(
    day.traffic.map(({ app, slots }) => [app, slots.length]),
    [[NAME, 24]],
  )
})

test('inn report send brings it to a channel', async () => {
  const refused = await server.inn(['report', 'send'])
  assert.match(refused.text, /report\.nobody/)
  const file = join(server.home, 'telegram.env')
  await writeFile(file, 'TELEGRAM_TOKEN=42:right\n')
  const to = ['--telegram', '7', '--at', them.at, '--env-file', file]
  assert.equal((await server.inn(['notify', 'add', 'ops', ...to])).code, 0)
  const sent = await server.inn(['report', 'send', '--month'])
  assert.deepEqual(sent.json['channels'], ['ops'], sent.text)
  await until('the report', () => texts().some(text => / monthly report: /.test(text)))
  assert.match(texts()[0]!, /What changed: 1 deploy/)
})

test('a daily report comes by itself, once, also when the keeper is killed around it', async t => {
  await until(
    'a keeper that is settled',
    async () => {
      const { keeper } = await server.status()
      return Date.now() - Date.parse(keeper.upSince) > 31_000
    },
    60_000,
  )
  const due = new Date(Math.ceil((Date.now() + 2_000) / 60_000) * 60_000)
  const said = await server.inn([
    ...['report', 'settings', '--daily', due.toISOString().slice(11, 16), '--weekly', 'off', '--zone', 'UTC'],
  ])
  assert.equal(said.code, 0, said.text)
  await until('the minute', () => Date.now() > due.getTime(), 70_000)
  await server.killKeeper()
  const daily = () => texts().filter(text => / daily report: /.test(text))
  await until('the daily report', () => daily().length > 0, 90_000)
  await server.killKeeper()
  await sleep(45_000)
  t.diagnostic(daily()[0]!)
  // The provider knows no keys: a try that the keeper did not live to note may have arrived, and is repeated.
  const messages = await server.client.get<Array<{ title: string; attempts: unknown[] }>>('/api/messages')
  const written = messages.filter(({ title }) => / daily report: /.test(title))
  assert.equal(written.length, 1)
  assert.ok(daily().length <= written[0]!.attempts.length)
})

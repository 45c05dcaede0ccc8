import assert from 'node:assert/strict'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { Secret } from '../../kernel/secret.ts'
import { content } from './channels.contract.ts'
import { email } from './email.ts'

/** A server that speaks SMTP, with what it took. */
async function mailServer(t: TestContext, options: SMTPServerOptions = {}) {
  const took: string[] = []
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData(stream, _, done) {
      text(stream).then(mail => {
        took.push(mail)
        done()
      }, done)
    },
    ...options,
  })
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  t.after(() => new Promise<void>(resolve => server.close(() => resolve())))
  const { port } = listening.address() as { port: number }
  return { took, to: { to: 'ops@example.com', from: 'inn@example.com', host: '127.0.0.1', port, user: null } }
}

const says = (code: number, message: string) => Object.assign(new Error(message), { responseCode: code })
const noPicture = async () => null
const patience = () => AbortSignal.timeout(5_000)

test('an e-mail arrives, with an address for each dispatch that stays the same with each try', async t => {
  const { took, to } = await mailServer(t)
  assert.deepEqual(await email(to, null, noPicture).send('s-1', content(), patience()), {
    type: 'sent',
    reference: '<s-1@example.com>',
  })
  assert.match(took[0]!, /^Message-ID: <s-1@example\.com>\r?$/m)
  assert.match(took[0]!, /^Subject: shop does not answer\r?$/m)
  assert.match(took[0]!, /^Auto-Submitted: auto-generated\r?$/m)
})

test('greylisting is no refusal: the same message is taken the next time', async t => {
  const seen = new Set<string>()
  const { took, to } = await mailServer(t, {
    onRcptTo({ address }, _, done) {
      if (seen.has(address)) return done()
      seen.add(address)
      done(says(451, '4.7.1 Greylisted, please try again in 300 seconds'))
    },
  })
  const channel = email(to, null, noPicture)
  const first = await channel.send('s-1', content(), patience())
  assert.deepEqual([first.type, 'why' in first && /451/.test(first.why)], ['later', true])
  assert.equal((await channel.send('s-1', content(), patience())).type, 'sent')
  assert.equal(took.length, 1)
})

test('an address that is refused has bounced; a sender that is refused has not', async t => {
  const gone = await mailServer(t, { onRcptTo: (_, __, done) => done(says(550, '5.1.1 no such user')) })
  const outcome = await email(gone.to, null, noPicture).send('s-1', content(), patience())
  assert.deepEqual([outcome.type, 'why' in outcome && /no such user/.test(outcome.why)], ['bounced', true])
  const blocked = await mailServer(t, {
    onMailFrom: (_, __, done) => done(says(550, '5.7.1 sender is blocked')),
  })
  assert.equal((await email(blocked.to, null, noPicture).send('s-1', content(), patience())).type, 'refused')
})

test('a password never goes without TLS, and a server that is away is asked later', async t => {
  let asked = 0
  const bare = await mailServer(t, {
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth(_, __, done) {
      asked++
      done(null, { user: 'x' })
    },
  })
  const outcome = await email({ ...bare.to, user: 'inn' }, new Secret('p'), noPicture).send(
    's-1',
    content(),
    patience(),
  )
  assert.notEqual(outcome.type, 'sent')
  assert.equal(asked, 0)
  const away = await email({ ...bare.to, host: 'nobody.invalid' }, null, noPicture).send(
    's-1',
    content(),
    patience(),
  )
  assert.equal(away.type, 'later')
})

test('a picture goes as a file', async t => {
  const { took, to } = await mailServer(t)
  const chart = { title: 'x', unit: 'number', from: 0, to: 1, threshold: null, lines: [] } as const
  const channel = email(to, null, async () => Buffer.from('png'))
  assert.equal((await channel.send('s-1', content({ chart }), patience())).type, 'sent')
  assert.match(took[0]!, /^Content-Type: image\/png; name=chart\.png\r?$/m)
  assert.ok(took[0]!.includes(Buffer.from('png').toString('base64')))
})

test('a letter goes to its own address alone, with its words in both forms and its headers', async t => {
  const { took, to } = await mailServer(t)
  const headers = { 'List-Unsubscribe': '<https://status.example.com/u?t=1>' }
  const letter = { to: 'ann@example.org', fromName: 'Hotel status', html: '<p>up</p>', headers }
  const channel = email(to, null, noPicture)
  assert.equal((await channel.send('s-1', content({ letter }), patience())).type, 'sent')
  assert.match(took[0]!, /^To: ann@example\.org\r?$/m)
  assert.match(took[0]!, /^From: Hotel status <inn@example\.com>\r?$/m)
  assert.match(took[0]!, /^List-Unsubscribe: <https:\/\/status\.example\.com\/u\?t=1>\r?$/m)
  assert.match(took[0]!, /<p>up<\/p>/)
  assert.ok(!/ops@example\.com|🔴/u.test(took[0]!), took[0])
})

test('nothing in a letter can add an address or a header', async t => {
  const reached: string[] = []
  const { took, to } = await mailServer(t, {
    onRcptTo({ address }, _, done) {
      reached.push(address)
      done()
    },
  })
  const channel = email(to, null, noPicture)
  const evil = 'x\r\nBcc: eve@example.org'
  for (const letter of [
    { to: `ann@example.org\r\nBcc: eve@example.org` },
    { to: 'ann@example.org, eve@example.org' },
    { to: 'ann@example.org', fromName: evil, headers: { 'List-Unsubscribe': evil } },
  ])
    await channel.send('s-1', content({ letter, title: `t${evil}` }), patience())
  assert.ok(!reached.includes('eve@example.org'), reached.join())
  for (const mail of took) assert.ok(!/^Bcc:/im.test(mail), mail)
})

test('who is not ready to take a letter is told apart from a server that is not', async t => {
  const { to } = await mailServer(t, { onRcptTo: (_, __, done) => done(says(451, 'greylisted')) })
  const outcome = await email(to, null, noPicture).send('s-1', content(), patience())
  assert.equal(outcome.type === 'later' && outcome.alone, true)
})

test('a mail that is refused for what it says is told apart from a channel that is', async t => {
  const { to } = await mailServer(t, {
    onData(stream, _, done) {
      stream.resume().on('end', () => done(says(554, 'content rejected')))
    },
  })
  const outcome = await email(to, null, noPicture).send('s-1', content(), patience())
  assert.deepEqual([outcome.type, 'alone' in outcome && outcome.alone], ['refused', true])
})

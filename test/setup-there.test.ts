import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { execOk } from '../server/src/drivers/host/exec.ts'
import { type Did, makeMachine, ownRepository, type Testbed } from './kit/machine.ts'

const INN = join(import.meta.dirname, '../inn')

let machine: Testbed
let folder: string
let sshd: { kill(): void }

const server = () => `root@${machine.address}`

/** The laptop has a key of its own, and a configuration that knows no other. */
before(async () => {
  machine = await makeMachine({ project: false })
  await ownRepository(machine)
  folder = await mkdtemp(join(tmpdir(), 'inn-laptop-'))
  const key = join(folder, 'key')
  const argv = ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key]
  await execOk({ argv, timeoutMs: 20_000 }, 'ssh-keygen')
  const { stdout } = await execOk({ argv: ['cat', `${key}.pub`], timeoutMs: 20_000 }, 'cat')
  const config = `IdentityFile ${key}\nIdentitiesOnly yes\nUserKnownHostsFile ${folder}/known\nStrictHostKeyChecking accept-new\nBatchMode yes\n`
  await writeFile(join(folder, 'config'), config)
  await writeFile(join(folder, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${folder}/config "$@"\n`, {
    mode: 0o755,
  })
  await machine.write('/root/.ssh/authorized_keys', stdout)
  await machine.must('chmod 700 /root /root/.ssh && ssh-keygen -A')
  sshd = machine.begin(['/usr/sbin/sshd', '-D'])
  while ((await machine.at('exec 3<>/dev/tcp/127.0.0.1/22')).code !== 0);
})
after(async () => {
  sshd?.kill()
  await machine?.remove()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

const inn = (...args: string[]): Promise<Did> =>
  machine.laptop([INN, 'server', ...args], {
    PATH: `${folder}:${process.env['PATH']}`,
    XDG_CONFIG_HOME: join(folder, 'xdg'),
  })

const failure = ({ out, text }: Did) => {
  const found = (JSON.parse(out) as { failure: { code: string; what: string; why: string; fix: string } })
    .failure
  assert.equal(found.code, 'host.unreachable', text)
  return found
}

test('a server that cannot be reached is told in words of ssh, and nothing of Innkeeper goes there', async () => {
  const keys = await machine.must('cat /root/.ssh/authorized_keys')
  await machine.write('/root/.ssh/authorized_keys', '')
  const asks = failure(await inn('setup', server(), '--yes', '--json'))
  assert.match(asks.why, /Permission denied \(publickey,password\)/)
  assert.equal(asks.fix, `\`ssh ${server()} true\` must work first`)
  await machine.write(
    '/etc/ssh/sshd_config.d/00-test.conf',
    'PasswordAuthentication no\nKbdInteractiveAuthentication no\n',
  )
  await machine.must('kill -HUP $(cat /run/sshd.pid)')
  assert.match(
    failure(await inn('setup', server(), '--yes', '--json')).why,
    /Permission denied \(publickey\)/,
  )
  await machine.must('rm /etc/ssh/sshd_config.d/00-test.conf && kill -HUP $(cat /run/sshd.pid)')
  // Whoever only looks whether it listens is gone before it is answered.
  const closing = `require("net").createServer(s => s.on("error", () => {}).end("SSH-2.0-closes\\r\\n")).listen(2022)`
  const closes = machine.begin([process.execPath, '-e', closing])
  while ((await machine.at('exec 3<>/dev/tcp/127.0.0.1/2022')).code !== 0);
  assert.match(failure(await inn('setup', `ssh://${server()}:2022`, '--yes', '--json')).why, /closed|reset/i)
  closes.kill()
  await machine.write('/root/.ssh/authorized_keys', keys)
  assert.equal((await machine.at('test -e /opt/innkeeper -o -e /var/lib/innkeeper')).code, 1)
})

test('without a yes nothing is changed, and a plan is the same from a laptop', async () => {
  const asked = await inn('setup', server())
  assert.equal(asked.code, 1, asked.text)
  assert.match(asked.text, /nothing was changed; --yes begins/)
  const shown = await inn('setup', server(), '--plan')
  assert.match(shown.text, /sshd takes passwords on port 22: --harden-ssh/)
  assert.equal((await machine.at('test -e /opt/innkeeper -o -e /var/lib/innkeeper')).code, 1)
})

test('a laptop sets a server up, shows that it still gets in, and looks from outside', async () => {
  const done = await inn('setup', server(), '--yes', '--harden-ssh')
  assert.equal(done.code, 0, done.text)
  assert.match(done.text, /a new connection gets in .*: the firewall stays/)
  assert.match(done.text, /✓ open the ports 22, 80 and 443/)
  assert.match(done.text, /from here these ports answer: 22$/m)
  const settings = await machine.must('/usr/sbin/sshd -T')
  assert.match(settings, /^passwordauthentication no$/m)
  assert.match(await machine.must('nft list table inet innkeeper_firewall'), /22, 80, 443/)
  assert.match(await machine.must('inn status --json'), /"parts"/)
  const again = await inn('setup', server(), '--json')
  assert.deepEqual([again.code, JSON.parse(again.out)], [0, { outcome: 'done', steps: [] }], again.text)
})

test('a laptop reads the report of a server', async () => {
  await inn('use', 'prod', server())
  const { drift, set } = JSON.parse((await inn('report', '--json')).out) as { drift: string[]; set: string[] }
  assert.deepEqual(drift, [])
  assert.ok(set.includes('sshd takes passwords: no'))
})

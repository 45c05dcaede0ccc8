import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isEmpty, sentence } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Facts, Kept } from './facts.ts'
import { type Asked, planSetup } from './plan.ts'
import { drifted, restartDue } from './report.ts'
import { swapBytes } from './rule.ts'
import { setupSentences } from './step.ts'
import { cron, FSTAB_LINE, firewallRules, keptIn, PATHS, SSH, UNIT, UPDATES } from './texts.ts'

const GB = 1024 ** 3
const PLACES = { home: '/var/lib/innkeeper', project: '/opt/innkeeper' }
const WISHES = { hardenSsh: false, open: [] }
const asked = (more: Partial<Asked> = {}): Asked => ({
  wishes: WISHES,
  places: PLACES,
  packages: ['nginx', 'runit', 'nftables'],
  seconds: 60,
  ...more,
})

/** A new server of a provider. */
const fresh: Facts = {
  root: true,
  distribution: { id: 'debian', version: '13', name: 'Debian GNU/Linux 13 (trixie)' },
  architecture: 'x86_64',
  memoryBytes: 2 * GB,
  swapBytes: 0,
  swapTaken: false,
  disk: { freeBytes: 30 * GB, type: 'ext2/ext3' },
  init: 'systemd',
  listeners: [{ port: 22, open: true, pid: 7, command: 'sshd: /usr/sbin/sshd -D [listener]' }],
  installed: new Set(['dpkg', 'nftables', 'systemd-timesyncd']),
  unattended: false,
  ssh: { ports: [22], passwords: true, keys: true },
  firewall: { other: null, closing: [], live: null, confirmed: null },
  docker: [],
  files: { [PATHS.updates]: null, [PATHS.rules]: null, [PATHS.unit]: null, [PATHS.ssh]: null },
  link: null,
  up: false,
}
const facts = (more: Partial<Facts> = {}): Facts => ({ ...fresh, ...more })

/** The same after a set-up. */
const done = (more: Partial<Facts> = {}): Facts => {
  const kept: Kept = {
    at: '2026-01-01T00:00:00.000Z',
    wishes: WISHES,
    project: '/opt/innkeeper',
    files: {},
    swap: PATHS.swap,
  }
  return facts({
    swapBytes: 2 * GB,
    installed: new Set([...fresh.installed, 'nginx', 'runit', 'unattended-upgrades']),
    unattended: true,
    firewall: { other: null, closing: [], live: 'table', confirmed: 'table' },
    files: {
      ...fresh.files,
      [PATHS.updates]: UPDATES,
      [PATHS.unit]: UNIT,
      [PATHS.rules]: firewallRules([22, 80, 443]),
      [PATHS.fstab]: `${FSTAB_LINE}\n`,
      [keptIn(PLACES).record]: JSON.stringify(kept),
    },
    link: '/opt/innkeeper/inn',
    up: true,
    ...more,
  })
}

const titles = (found: Facts, more: Partial<Asked> = {}) => {
  const { steps, cleanup } = planSetup(found, asked(more))
  return [...steps.map(({ does }) => does), ...cleanup].map(step => sentence(setupSentences, step))
}
const notices = (found: Facts, more: Partial<Asked> = {}) => planSetup(found, asked(more)).notices.join('\n')

test('a new server gets everything, each step with its undo, and the firewall last', () => {
  assert.deepEqual(titles(fresh), [
    'install nginx, runit and unattended-upgrades, with what they need',
    `security updates each day: write ${PATHS.updates}`,
    `the firewall at boot: write ${PATHS.unit}`,
    '2.0 GB of swap in /swapfile',
    'the command inn: /usr/local/bin/inn leads to /opt/innkeeper/inn',
    'start Innkeeper: the supervision tree, edge and keeper, also at boot',
    'open the ports 22, 80 and 443 to the outside and nothing else; taken back unless it is confirmed within 60 s',
    'write down what was set, for `inn server report`',
  ])
  assert.ok(planSetup(fresh, asked()).steps.every(({ undo }) => undo !== null))
})

test('a second run has nothing to do', () => {
  assert.ok(isEmpty(planSetup(done(), asked())))
})

test('only what is missing is done again', () => {
  const { files } = done()
  const cases: ReadonlyArray<[Partial<Facts>, string]> = [
    [
      { installed: new Set([...done().installed].filter(name => name !== 'nginx')) },
      'install nginx, with what they need',
    ],
    [{ files: { ...files, [PATHS.updates]: 'x' } }, `security updates each day: write ${PATHS.updates}`],
    [{ swapBytes: 0 }, '2.0 GB of swap in /swapfile'],
    [{ link: '/root/inn' }, 'the command inn: /usr/local/bin/inn leads to /opt/innkeeper/inn'],
    [{ up: false }, 'start Innkeeper: the supervision tree, edge and keeper, also at boot'],
  ]
  for (const [more, title] of cases)
    assert.deepEqual(titles(done(more)), [title, 'write down what was set, for `inn server report`'])
  for (const live of [null, 'changed'])
    assert.match(titles(done({ firewall: { ...done().firewall, live } }))[0]!, /^open the ports/)
})

test('an undo restores what was there before', () => {
  const found = facts({ link: '/root/inn', files: { ...fresh.files, [PATHS.updates]: 'theirs' } })
  const undo = planSetup(found, asked()).steps.map(step => step.undo)
  assert.deepEqual(
    undo.find(step => step?.kind === 'setup.unfile' && step.path === PATHS.updates),
    { kind: 'setup.unfile', path: PATHS.updates, text: 'theirs' },
  )
  assert.deepEqual(
    undo.find(step => step?.kind === 'setup.unlink'),
    { kind: 'setup.unlink', path: PATHS.link, to: '/root/inn' },
  )
})

test('what cannot be set up is refused before anything is done, with the reason', () => {
  const held = { port: 80, open: true, pid: 9, command: '/usr/sbin/apache2 -k start' }
  const cases: ReadonlyArray<[Partial<Facts>, string, RegExp]> = [
    [{ root: false }, 'setup.root', /only root/],
    [{ distribution: { id: 'arch', version: '', name: 'Arch Linux' } }, 'setup.distribution', /Arch Linux/],
    [{ distribution: { id: 'debian', version: '11', name: 'Debian 11' } }, 'setup.distribution', /Debian 11/],
    [{ architecture: 'riscv64' }, 'setup.architecture', /riscv64/],
    [{ disk: { freeBytes: 200 * 1024 ** 2, type: 'ext4' } }, 'setup.disk', /200 MB free/],
    [{ listeners: [held] }, 'setup.port', /apache2 -k start \(pid 9\)/],
    [{ listeners: [{ ...held, pid: null, command: null }] }, 'setup.port', /cannot be seen/],
  ]
  for (const [more, code, what] of cases)
    assert.throws(
      () => planSetup(facts(more), asked()),
      (error: unknown) => error instanceof Failure && error.code === code && what.test(error.message),
    )
  const own = { ...held, command: 'nginx: master process nginx -c /var/lib/innkeeper/edge/nginx.conf' }
  assert.ok(isEmpty(planSetup(done({ listeners: [own] }), asked())))
  assert.throws(() => planSetup(done({ disk: { freeBytes: 200 * 1024 ** 2, type: 'ext4' } }), asked()))
  assert.ok(isEmpty(planSetup(done({ disk: { freeBytes: GB, type: 'ext4' } }), asked())))
})

test('every port that ssh has stays open, and those that somebody names', () => {
  const ssh = { ports: [22, 2222], passwords: false, keys: true }
  const open = { hardenSsh: false, open: [25] }
  assert.match(titles(facts({ ssh }), { wishes: open }).at(-2)!, /22, 25, 80, 443 and 2222/)
})

test('a firewall of somebody else stays, and what it must let through is said', () => {
  const firewall = { other: 'ufw', closing: [], live: null, confirmed: null }
  assert.ok(titles(facts({ firewall })).every(title => !title.startsWith('open')))
  assert.match(notices(facts({ firewall })), /`ufw allow 80,443\/tcp`/)
  const closing = { ...firewall, other: null, closing: ['the table inet filter'] }
  assert.match(notices(facts({ firewall: closing })), /the table inet filter of nftables refuses/)
})

test('what becomes closed is said, and what Docker opens behind it', () => {
  const mail = { port: 25, open: true, pid: 5, command: '/usr/sbin/exim4 -bd' }
  const inside = { port: 5432, open: false, pid: 6, command: 'postgres' }
  const found = facts({ listeners: [mail, inside], docker: [{ container: 'db', port: 3306 }] })
  assert.match(
    notices(found),
    /port 25 is closed to the outside: \/usr\/sbin\/exim4 -bd \(pid 5\); `--open 25`/,
  )
  assert.doesNotMatch(notices(found), /5432/)
  assert.doesNotMatch(notices(found, { wishes: { hardenSsh: false, open: [25] } }), /port 25 is closed/)
  assert.match(notices(found), /Docker opens port 3306 of db behind the firewall/)
})

test('sshd is left alone until somebody asks, and never closed to everybody', () => {
  assert.match(notices(fresh), /`--harden-ssh`/)
  const wishes = { hardenSsh: true, open: [] }
  assert.ok(titles(fresh, { wishes }).some(title => title.startsWith('sshd takes keys')))
  const none = facts({ ssh: { ports: [22], passwords: true, keys: false } })
  assert.ok(titles(none, { wishes }).every(title => !title.startsWith('sshd')))
  assert.match(notices(none, { wishes }), /nobody would get in/)
  const set = done({ files: { ...done().files, [PATHS.ssh]: SSH } })
  assert.ok(titles(set, { wishes }).every(title => !title.startsWith('sshd')))
})

test('swap goes by memory, and needs room and a file system that takes it', () => {
  const disk = { freeBytes: 100 * GB, type: 'ext4' }
  const of = (memory: number, more: Partial<Facts> = {}) =>
    swapBytes({ memoryBytes: memory * GB, swapBytes: 0, swapTaken: false, disk, ...more }) / GB
  assert.deepEqual(
    [0.5, 1, 1.9, 4, 64].map(memory => of(memory)),
    [1, 1, 2, 4, 4],
  )
  assert.equal(of(2, { swapBytes: 1 }), 0)
  assert.equal(of(2, { swapTaken: true }), 0)
  assert.match(notices(facts({ swapTaken: true })), /\/swapfile is there and is not in use: it stays/)
  assert.equal(of(2, { disk: { ...disk, type: 'btrfs' } }), 0)
  assert.equal(of(2, { disk: { ...disk, freeBytes: 3 * GB } }), 0)
  assert.match(notices(facts({ disk: { ...disk, type: 'overlay' } })), /no swap is made: a file on overlay/)
})

test('without systemd cron starts the tree at boot, and another program keeps the time', () => {
  const found = facts({ init: 'other', installed: new Set(['nginx', 'runit', 'nftables']) })
  assert.deepEqual(titles(found).slice(0, 3), [
    'install chrony, unattended-upgrades and cron, with what they need',
    'start chrony, now and at boot',
    'start cron, now and at boot',
  ])
  assert.ok(titles(found).includes(`Innkeeper and the firewall at boot: write ${PATHS.cron}`))
  assert.match(cron({ ...PLACES, project: '/srv/100% ours' }), /; '\/srv\/100\\% ours\/inn' up\n$/)
})

test('a program of somebody else at the place of inn stays', () => {
  assert.ok(titles(facts({ link: '' })).every(title => !title.startsWith('the command inn')))
  assert.match(notices(facts({ link: '' })), /program of somebody else/)
})

test('with its wish unconfirmed, the firewall waits for nobody', () => {
  assert.match(titles(fresh, { seconds: null }).at(-2)!, /nothing else$/)
})

test('drift is what differs from what was written down, and what set-up would do', () => {
  const kept: Kept = {
    at: '',
    wishes: WISHES,
    project: '/opt/innkeeper',
    files: { [PATHS.updates]: UPDATES, [PATHS.unit]: UNIT },
    swap: '/swapfile',
  }
  assert.deepEqual(drifted(done(), kept, []), [])
  const found = done({
    files: { ...done().files, [PATHS.updates]: 'x', [PATHS.unit]: null },
    swapBytes: 0,
    firewall: { ...done().firewall, live: null },
  })
  assert.deepEqual(drifted(found, kept, ['start it']), [
    `${PATHS.updates} was changed`,
    `${PATHS.unit} is gone`,
    'the swap in /swapfile is off',
    'the firewall is off',
    'set-up would: start it',
  ])
})

test('a restart is due after a new kernel, or when a package asks', () => {
  const signs = {
    required: null,
    asked: false,
    kernels: ['6.1.0-9-amd64', '6.1.0-10-amd64'],
    running: '6.1.0-10-amd64',
  }
  assert.equal(restartDue(signs), null)
  assert.match(restartDue({ ...signs, running: '6.1.0-9-amd64' })!, /kernel 6.1.0-10-amd64 is installed/)
  assert.equal(restartDue({ ...signs, running: '5.15-of-a-host' }), null)
  assert.match(restartDue({ ...signs, asked: true, required: 'libc6\nlibc6\n' })!, /updates of libc6 ask/)
})

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { exists } from '../server/src/drivers/host/files.ts'
import { CGROUPS, makeMachine, ownRepository, type Testbed } from './kit/machine.ts'

const SETUP = '/opt/innkeeper/inn server setup --local --yes --keep-firewall --json'
/** A machine in a container may have neither. */
const skip =
  CGROUPS === undefined || !(await exists('/lib/systemd/systemd'))
    ? 'there is no systemd or no cgroup2'
    : false

let machine: Testbed

before(async () => {
  if (skip !== false) return
  machine = await makeMachine({ systemd: true })
  await ownRepository(machine)
})
after(() => machine?.remove())

test('under systemd everything is there again at boot, and after nftables was started anew', {
  skip,
}, async () => {
  const done = await machine.at(SETUP)
  assert.equal(done.code, 0, done.text)
  const units = 'innkeeper innkeeper-firewall'
  assert.equal(await machine.must(`systemctl is-enabled ${units}`), 'enabled\nenabled\n')
  const rules = await machine.must('nft list table inet innkeeper_firewall')
  // It begins with an empty set of rules, and systemctl waits for it alone.
  await machine.must('systemctl restart nftables')
  await machine.must('until nft list table inet innkeeper_firewall; do sleep 0.05; done')
  assert.equal(await machine.must('nft list table inet innkeeper_firewall'), rules)
  await machine.must(`systemctl stop ${units}; nft flush ruleset; ! pgrep runsvdir`)
  // What the targets of a boot want is started.
  await machine.must('systemctl start sysinit.target multi-user.target')
  await machine.must('until nft list table inet innkeeper_firewall; do sleep 0.05; done')
  assert.equal(await machine.must('nft list table inet innkeeper_firewall'), rules)
  await machine.must('until inn status --json; do sleep 0.1; done')
  const again = await machine.at(SETUP)
  assert.deepEqual([again.code, JSON.parse(again.out)], [0, { outcome: 'done', steps: [] }], again.text)
})

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, open, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { userName } from '../../apps/app/names.ts'
import { homeAt } from '../../config/home.ts'
import { type Confinement, confinement } from '../../servers/confinement/confinement.ts'
import { ageCipher, ensureKey } from '../age/age.ts'
import { runit } from '../runit/runit.ts'
import { treeCommand, wakeTree } from '../runit/runsvdir.ts'
import { cgroupFolder, endCgroup, prepareCgroups } from './cgroups.ts'
import { exec } from './exec.ts'
import { makeFolder } from './files.ts'
import { jobRunner } from './jobs.ts'
import { isRoot, startTime } from './proc.ts'
import { files } from './tree.ts'
import { appAccount, endProcesses, findAccount, removeAccount, removeLeftAccounts } from './users.ts'

// One contract for the ways in which a program of an app starts: as a command, as a service, and as a job.

const root = { skip: isRoot() ? false : 'it takes root to be another user' }
let home: string
let tree: string
let supervision: ChildProcess
let own: Confinement
const cgroups = () => cgroupFolder(home)

before(async () => {
  if (!isRoot()) return
  home = await mkdtemp(join(tmpdir(), 'inn-confine-'))
  await chmod(home, 0o711)
  const at = homeAt(home).app('t-own')
  tree = join(at.root, 'tree')
  for (const folder of ['sv', 'service', 'log', 'runtimes', 'apps/t-other'])
    await makeFolder(join(home, folder))
  await ensureKey(join(home, 'keeper.key'), { first: true })
  const user = (await appAccount(home, 't-own'))!
  await makeFolder(at.root)
  await files.give(tree, user, 0o755)
  await files.temporary(at.tmp, home)
  await prepareCgroups(cgroups())
  await writeFile(join(home, 'keeper.db'), 'secrets', { mode: 0o644 })
  const cgroup = cgroups() === null ? null : join(cgroups()!, 't-own')
  own = confinement({ home: homeAt(home), app: 't-own', user, inside: tree, cgroup })
  // An open descriptor is passed on, as from a shell that keeps a file open.
  const kept = await open('/etc/hostname')
  const stdio = [...Array<'ignore'>(8).fill('ignore'), kept.fd]
  const [program, ...args] = treeCommand(join(home, 'service'))
  supervision = spawn(program, args, { stdio })
  await kept.close()
})

after(async () => {
  if (!isRoot()) return
  const gone = new Promise(resolve => supervision.on('exit', resolve))
  supervision.kill('SIGHUP')
  await gone
  await sleep(300)
  await removeAccount(home, 't-own')
  await endCgroup(cgroups())
  await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
})

interface Order {
  script: string
  cwd?: string
  env?: Record<string, string>
  confinement?: Confinement
}

/** Starts a program; resolves with what it printed. */
type Way = (order: Order) => Promise<string>

const asCommand: Way = async ({ script, cwd = tree, env = {}, confinement = own }) =>
  (await exec({ argv: ['bash', '-c', script], cwd, env, confinement, timeoutMs: 20_000 })).tail

let services = 0
const asService: Way = async ({ script, cwd = tree, env = {}, confinement = own }) => {
  const supervisor = runit({
    services: join(home, 'sv'),
    watched: join(home, 'service'),
    wake: () => wakeTree(supervision.pid!),
    cipher: ageCipher(join(home, 'keeper.key')),
  })
  const name = `t-own.${++services}`
  const log = join(home, 'log', name)
  const cgroup = cgroups() === null ? null : join(cgroups()!, name)
  const argv = ['bash', '-c', `${script}\necho END; exec sleep 1000`]
  await supervisor.define({
    ...{ name, argv, cwd, env, log, user: null, tag: 'r', graceSeconds: 1 },
    confinement: { ...confinement, cgroup },
  })
  await supervisor.start(name)
  try {
    for (const end = Date.now() + 20_000; Date.now() < end; await sleep(50)) {
      const text = await readFile(join(log, 'current'), 'utf8').catch(() => '')
      if (/ r (END|error: )/.test(text)) return text.replaceAll(/^\S+ r /gm, '')
    }
    return assert.fail('it said nothing')
  } finally {
    await supervisor.stop(name)
  }
}

let runs = 0
const asJob: Way = async ({ script, cwd = tree, env = {}, confinement = own }) => {
  const runner = jobRunner(join(home, 'jobs'))
  const one = { app: 't-own', run: `run${++runs}`, attempt: 1 }
  const argv = ['bash', '-c', script]
  const bounds = { timeoutMs: 20_000, graceMs: 1_000, memoryBytes: null }
  await runner.start(one, { argv, cwd, env, confinement, hidden: {}, ...bounds })
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(50))
    if ((await runner.state(one)).state === 'ended') return (await runner.output(one, 0)).bytes.toString()
  return assert.fail('it did not end')
}

const WAYS = { 'a command': asCommand, 'a service': asService, 'a job': asJob }
for (const [what, run] of Object.entries(WAYS)) {
  test(`${what} of an app has its user, no capability and no way to more rights`, root, async () => {
    const said = await run({ script: 'id -un; id -Gn; grep -E "^(Cap|NoNewPrivs)" /proc/self/status' })
    const name = userName(home, 't-own')
    assert.match(said, new RegExp(`^${name}\n${name}\n`))
    assert.deepEqual(
      [...said.matchAll(/^(\w+):\t(\w+)$/gm)].map(([, key, value]) => [key, Number.parseInt(value!, 16)]),
      [...['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map(key => [key, 0]), ['NoNewPrivs', 1]],
    )
  })

  test(
    `${what} of an app sees its own folders of the home, and a temporary folder of its own`,
    root,
    async () => {
      await writeFile(join(tmpdir(), 'inn-confine-seen'), 'of somebody else', { mode: 0o644 })
      try {
        const said = await run({
          script: `cat ${home}/keeper.db /tmp/inn-confine-seen 2>&1; ls ${home}/apps; touch /tmp/mine /var/tmp/mine /dev/shm/mine && ls /tmp`,
        })
        assert.match(said, /keeper\.db: No such file/)
        assert.match(said, /inn-confine-seen: No such file/)
        assert.match(said, /^t-own$/m)
        assert.doesNotMatch(said, /t-other|secrets|somebody else/)
        assert.match(said, /^mine$/m)
        for (const folder of ['/tmp', '/var/tmp', '/dev/shm'])
          await assert.rejects(readFile(join(folder, 'mine')), { code: 'ENOENT' })
      } finally {
        await rm(join(tmpdir(), 'inn-confine-seen'))
      }
    },
  )

  test(`${what} of an app sees no process of another user`, root, async () => {
    // Those of the test before may be on their way out.
    await endProcesses(home, 't-own')
    const said = await run({
      script: 'cat /proc/1/cmdline 2>&1 | head -c 80; echo; ls -d /proc/[0-9]* | wc -l',
    })
    assert.match(said, /No such file/)
    assert.ok(Number(/^(\d+)$/m.exec(said)![1]) < 12, said)
  })

  test(`${what} of an app has its own environment, and root runs nothing by it`, root, async () => {
    const odd = `it's "$(id)"\n\`id\` \\ end`
    const traps = join(tree, `traps-${what.slice(2)}`)
    await mkdir(traps)
    await chmod(traps, 0o777)
    for (const name of [
      'env',
      'setpriv',
      'unshare',
      'mount',
      'mkdir',
      'sh',
      'cat',
      'bash',
      'nice',
      'ionice',
    ]) {
      const trap = `#!/bin/dash\nid -u >>${traps}/ran\nPATH=/usr/bin:/bin\nexec ${name} "$@"\n`
      await writeFile(join(traps, name), trap, { mode: 0o755 })
      await chmod(join(traps, name), 0o755)
    }
    const env = { ODD: odd, EMPTY: '', PATH: `${traps}:/usr/bin:/bin` }
    const said = await run({
      script: 'printf "<%s><%s>" "$ODD" "$EMPTY"; env | grep -c ^INNKEEPER_HOME',
      env,
    })
    assert.ok(said.includes(`<${odd}><>0`), said)
    const ran = (await readFile(join(traps, 'ran'), 'utf8')).trim().split('\n')
    assert.ok(ran.length > 0 && !ran.includes('0'), ran.join())
  })

  test(`${what} of an app does not begin where a link leads out of the release`, root, async () => {
    await symlink(join(home, 'apps/t-other'), join(tree, `out-${what.slice(2)}`))
    const said = await run({ script: 'pwd -P', cwd: join(tree, `out-${what.slice(2)}`) })
    assert.match(said, /error: (cannot enter|.* leads out of)/)
    await symlink('/etc', join(tree, `etc-${what.slice(2)}`))
    assert.match(await run({ script: 'pwd -P', cwd: join(tree, `etc-${what.slice(2)}`) }), /leads out of/)
  })

  test(`a process that leaves its group ends with ${what}`, { skip: !isRoot() }, async () => {
    if (cgroups() === null) return
    const said = await run({
      script: 'setsid sleep 4712 >/dev/null 2>&1 & sleep 0.3; pgrep -f "sleep 471[2]"',
    })
    const pid = Number(/^(\d+)$/m.exec(said)![1])
    for (let n = 0; n < 100 && (await startTime(pid)) !== null; n++) await sleep(20)
    assert.equal(await startTime(pid), null)
  })

  test(`${what} of an app cannot start processes without end`, root, async () => {
    const few = { ...own, limits: { ...own.limits, processes: 40 } }
    const script = `perl -e 'while ($n < 80) { $p = fork; last unless defined $p; if (!$p) { sleep 2; exit } $n++ } print "made $n: $!\\n"'`
    const [, made] = /made (\d+): Resource temporarily unavailable/.exec(
      await run({ script, confinement: few }),
    )!
    assert.ok(Number(made) <= 40)
  })
}

test('users whose home was deleted by hand go with it, and those of another home stay', root, async () => {
  const gone = `${home}-gone`
  const user = (await appAccount(gone, 't-left'))!
  const other = (await appAccount(home, 't-own'))!
  await removeLeftAccounts(gone)
  assert.equal(await findAccount(user.name), null)
  assert.deepEqual(await findAccount(other.name), other)
})

test('what the shell of an admin left open reaches no service', root, async () => {
  const [runsv] = (await readFile(`/proc/${supervision.pid}/task/${supervision.pid}/children`, 'utf8')).split(
    ' ',
  )
  assert.equal(await readlink(`/proc/${runsv}/fd/8`), '/etc/hostname')
  assert.match(
    await asService({ script: 'echo /dev/fd/*' }),
    /^\/dev\/fd\/0 \/dev\/fd\/1 \/dev\/fd\/2 \/dev\/fd\/3$/m,
  )
})

test('a program that is not there is told by name', root, async () => {
  const done = await exec({ argv: ['not-there'], cwd: tree, confinement: own, timeoutMs: 10_000 })
  assert.equal(done.code, 127)
  assert.match(done.tail, /there is no program not-there/)
})

test('what stood in the way of the home in the temporary folder was made by root', root, async () => {
  const said = await asCommand({
    script: `rm -rf /tmp/inn* 2>&1; mv /tmp/inn* /tmp/moved 2>&1; ls -ld ${home}`,
  })
  assert.match(said, /Operation not permitted|Permission denied|Device or resource busy/)
  assert.match(said, /root root .*inn-confine/)
  await mkdir(join(tree, 'still'))
})

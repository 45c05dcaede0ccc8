import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Asking } from '../../apps/references/ports.ts'
import { MOST_BYTES } from '../../apps/references/rule.ts'
import { cgroupFolder, dropCgroups, prepareCgroups } from './cgroups.ts'
import { exec } from './exec.ts'
import { exists } from './files.ts'
import { isRoot } from './proc.ts'
import { provider } from './provider.ts'
import { removeLeftAccounts } from './users.ts'

const root = { skip: isRoot() ? false : 'it takes root to be another user' }
let home: string
/** Where programs lie: nobody but their owner sees a temporary folder. */
let programs: string

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'inn-provider-'))
  programs = isRoot() ? await mkdtemp('/usr/local/lib/inn-provider-') : home
  for (const folder of [home, programs]) await chmod(folder, 0o711)
  await writeFile(join(home, 'keeper.key'), 'key', { mode: 0o644 })
  if (isRoot()) await prepareCgroups(cgroupFolder(home))
})

after(async () => {
  await dropCgroups(cgroupFolder(home))
  await removeLeftAccounts(home)
  for (const folder of [home, programs]) await rm(folder, { recursive: true, force: true })
})

const at = () => ({ root: home, folder: join(home, 'references') })

/** Asks a program with this script. */
async function ask(script: string, more: Partial<Asking> = {}, mode = 0o755) {
  const program = join(programs, 'op')
  await writeFile(program, `#!/bin/sh\n${script}\n`)
  await chmod(program, mode)
  const run = provider(at(), { HTTPS_PROXY: 'http://proxy' })
  const { output, ...rest } = await run({ argv: [program], env: {}, timeoutMs: 10_000, ...more })
  return { ...rest, output: output.toString() }
}

test('a program is asked with its credentials and nothing of the keeper’s, and its HOME goes with it', async () => {
  process.env['OF_THE_KEEPER'] = 'x'
  const { output, ended, code } = await ask('echo kept > "$HOME/file"; env; pwd', {
    env: { TOKEN: 'a b\nc' },
  })
  delete process.env['OF_THE_KEEPER']
  assert.deepEqual([ended, code], ['itself', 0])
  assert.match(output, /^TOKEN=a b\nc$/m)
  assert.match(output, /^HTTPS_PROXY=http:\/\/proxy$/m)
  assert.doesNotMatch(output, /OF_THE_KEEPER/)
  const own = /^HOME=(.*)$/m.exec(output)![1]!
  assert.equal(output.trimEnd().split('\n').at(-1), own)
  assert.ok(!(await exists(own)))
  const script = 'printf "%s|" "$@"'
  const program = join(programs, 'op')
  const told = await ask(script, { argv: [program, '$HOME; id', '`id`', '*'] })
  assert.equal(told.output, '$HOME; id|`id`|*|')
})

test(
  'it has a user of its own, no rights, and sees neither the home nor what others have',
  root,
  async () => {
    const key = join(home, 'keeper.key')
    const { output } = await ask(
      `id -u; id -G; grep CapBnd /proc/self/status; grep NoNewPrivs /proc/self/status; cat ${key} 2>&1; ls /tmp ${home}`,
    )
    const [uid, groups, capabilities, privileges] = output.split('\n')
    assert.notEqual(uid, '0')
    assert.equal(groups!.split(' ').length, 1)
    assert.match(capabilities!, /\t0+$/)
    assert.match(privileges!, /\t1$/)
    assert.match(output, /No such file|Permission denied/)
    assert.doesNotMatch(output, /^key$/m)
  },
)

test('one that does not end is ended, with what it started in a session of its own', async () => {
  const since = performance.now()
  const late = await ask('echo half; (setsid sleep 42.42 &); sleep 1000', { timeoutMs: 1_000 })
  assert.equal(late.ended, 'late')
  // What goes on beside it and holds its output does not hold up its end.
  const beside = await ask('echo whole; (setsid sleep 42.42 &)')
  assert.deepEqual([beside.ended, beside.code, beside.output], ['itself', 0, 'whole\n'])
  assert.ok(performance.now() - since < 8_000)
  if (!isRoot()) return
  const left = await exec({ argv: ['pgrep', '-xf', 'sleep 42.42'], timeoutMs: 10_000 })
  assert.equal(left.code, 1, left.stdout)
})

test('several at once leave each other alone', async () => {
  const run = provider(at(), {})
  const asked = [0.3, 0, 0.1].map(seconds =>
    run({ argv: ['sh', '-c', `sleep ${seconds}; echo ${seconds}`], env: {}, timeoutMs: 10_000 }),
  )
  const said = (await Promise.all(asked)).map(({ output }) => output.toString().trim())
  assert.deepEqual(said, ['0.3', '0', '0.1'])
})

test('one that prints without end is ended, and what it says besides is bounded', async () => {
  const large = await ask('yes')
  assert.equal(large.ended, 'large')
  const most = await ask(`head -c ${MOST_BYTES} /dev/zero | tr '\\0' x; echo`)
  assert.deepEqual([most.ended, most.output.length], ['itself', MOST_BYTES + 1])
  const loud = await ask('yes no | head -n 300000 >&2; echo last >&2; exit 3')
  assert.deepEqual([loud.ended, loud.code, loud.output], ['itself', 3, ''])
  assert.match(loud.said, /\nlast\n$/)
  assert.ok(loud.said.length <= 4_096)
})

test('one that is not there, or that nobody may run, prints no value', async () => {
  const missing = await ask('', { argv: ['no-such-program'] })
  assert.deepEqual([missing.code, missing.said], [127, ''])
  const closed = await ask('echo value', {}, 0o600)
  assert.equal(closed.code, 126)
  assert.match(closed.said, /^confine: .*Permission denied/)
})

test('a cancelled run waits for none', async () => {
  const over = new AbortController()
  setTimeout(() => over.abort(new Error('cancelled')), 300)
  await assert.rejects(ask('sleep 1000', { signal: over.signal }), /cancelled/)
})

import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execOk } from '../../server/src/drivers/host/exec.ts'

/** A real sshd on loopback, and a client's configuration that knows it. */
export interface Sshd {
  port: number
  /** For a command that is to find this client's `ssh`. */
  env: Record<string, string>
  /** What sshd takes for the key of root from now on. */
  allow(which: 'known' | 'none'): Promise<void>
  /** Gives the server another key than it had. */
  newHostKey(): Promise<void>
  stop(): Promise<void>
}

async function key(path: string): Promise<void> {
  await rm(path, { force: true })
  const argv = ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', path]
  await execOk({ argv, timeoutMs: 20_000 }, 'ssh-keygen')
}

const answers = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => resolve(true)).once('error', () => resolve(false))
    socket.once('data', () => socket.destroy())
  })

export async function startSshd(port: number): Promise<Sshd> {
  const at = await mkdtemp(join(tmpdir(), 'inn-sshd-'))
  const [host, client, allowed, known] = ['host', 'client', 'allowed', 'known'].map(name => join(at, name))
  await Promise.all([key(host!), key(client!)])
  await writeFile(
    join(at, 'sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${host}`,
      `AuthorizedKeysFile ${allowed}`,
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'StrictModes no',
      'PidFile none',
      'UsePAM no',
      '',
    ].join('\n'),
  )
  await writeFile(
    join(at, 'ssh_config'),
    `IdentityFile ${client}\nIdentitiesOnly yes\nUserKnownHostsFile ${known}\nStrictHostKeyChecking accept-new\nBatchMode yes\n`,
  )
  await mkdir(join(at, 'bin'))
  await writeFile(join(at, 'bin/ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${at}/ssh_config "$@"\n`)
  await chmod(join(at, 'bin/ssh'), 0o755)
  await mkdir('/run/sshd', { recursive: true })
  let child: ChildProcess | null = null
  const stop = async (): Promise<void> => {
    child?.kill()
    while (await answers(port)) await sleep(20)
  }
  const start = async (): Promise<void> => {
    child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(at, 'sshd_config')], { stdio: 'ignore' })
    for (const end = Date.now() + 10_000; Date.now() < end && !(await answers(port)); ) await sleep(50)
  }
  const allow: Sshd['allow'] = async which => {
    const { stdout } = await execOk(
      { argv: ['ssh-keygen', '-y', '-f', client!], timeoutMs: 20_000 },
      'ssh-keygen',
    )
    await writeFile(allowed!, which === 'none' ? '' : stdout)
  }
  await allow('known')
  await start()
  return {
    port,
    env: { PATH: `${join(at, 'bin')}:${process.env['PATH']}`, XDG_CONFIG_HOME: join(at, 'config') },
    allow,
    async newHostKey() {
      await stop()
      await key(host!)
      await start()
    },
    async stop() {
      await stop()
      await rm(at, { recursive: true, force: true })
    },
  }
}

import type { Finished } from '../../apps/releases/runner.ts'
import type { Isolation, IsolationOrder } from '../../data/drills/isolation.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { exec } from './exec.ts'
import { makeFolder, removeTree } from './files.ts'
import { doorOf, READY } from './isolation-inside.ts'
import { probeBy } from './probe.ts'
import { isRoot } from './proc.ts'

const LONGEST_MS = 3_600_000

/**
 * Runs processes in their own network, pid and mount namespaces. `program`: the program that runs `inside` with the
 * order from its standard input. It is the first process there: when it is killed, the kernel kills all others.
 */
export const isolation = (program: readonly string[]): Isolation => ({
  async during(order, work) {
    await removeTree(order.at)
    // Mode 0700, because a connection to a socket in this folder leads through the walls.
    await makeFolder(order.at, 0o700)
    const over = new AbortController()
    const inside = run(program, order, over.signal)
    const early = inside.finished.then(done => {
      throw inside.began() ? ended(done) : none(done)
    })
    try {
      return await Promise.race([work(probeBy(port => ({ socketPath: doorOf(order.at, port) }))), early])
    } finally {
      over.abort(new Error('it was asked'))
      await early.catch(() => {}) // This failure was reported above, or it is the normal end of what runs inside.
      await removeTree(order.at)
    }
  },
})

function run(program: readonly string[], order: IsolationOrder, over: AbortSignal) {
  const { signal, say, ...told } = order
  let began = false
  const finished = exec({
    argv: [
      'unshare',
      ...(isRoot() ? [] : ['--map-root-user']),
      ...['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
      ...program,
    ],
    cwd: '/',
    env: {},
    input: JSON.stringify(told),
    timeoutMs: LONGEST_MS,
    background: true,
    signal: AbortSignal.any([signal, over]),
    pidFile: `${order.at}.pid`,
    onLine: line => {
      if (line === READY) began = true
      else say(line)
    },
  })
  return { finished, began: () => began }
}

function none({ tail, code, signal }: Finished): Failure {
  return new Failure('isolation.none', 'nothing can be started here without a network', {
    why: telling(tail) || `unshare ended with ${code ?? signal}`,
    fix: 'run Innkeeper as root, or allow user namespaces: sysctl kernel.unprivileged_userns_clone',
  })
}

const ended = ({ tail }: Finished): Failure =>
  new Failure('isolation.ended', 'it ended right after it was started', {
    why: telling(tail.replaceAll(`${READY}\n`, '')),
    fix: 'the lines above are what it printed',
  })

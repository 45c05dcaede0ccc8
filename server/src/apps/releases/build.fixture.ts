import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { homeAt } from '../../config/home.ts'
import { readConfigOrFail } from '../../config/read.ts'
import type { Failure } from '../../kernel/failure.ts'
import { heldSource } from '../../kernel/held-source.ts'
import { confinement } from '../../servers/confinement/confinement.ts'
import { build } from './build.ts'
import type { Earlier } from './earlier.ts'
import type { Command, Finished } from './runner.ts'
import type { Compared } from './sealed.ts'

export const OK: Finished = { code: 0, signal: null, tail: '', stdout: '', ms: 1 }

export const DEPENDENT = JSON.stringify({ dependencies: { pg: '1' } })
export const BARE = JSON.stringify({ name: 'x' })

/** A release whose programs do nothing, and what was run in it. */
export async function release(
  t: TestContext,
  files: Record<string, string>,
  more = '',
  env: Record<string, string> = {},
  file = '',
) {
  const at = await mkdtemp(join(tmpdir(), 'inn-build-'))
  t.after(() => rm(at, { recursive: true, force: true }))
  const config = readConfigOrFail(`name: shop\nservices: { api: { ${more} } }\n${file}\n`)
  const ran: Command[] = []
  const markers = new Set<string>()
  const said: string[] = []
  const state = {
    finished: OK,
    prints: [] as string[],
    memoryBytes: 5,
    fails: null as Failure | null,
    compared: { lost: null, added: [] } as Compared,
    cacheBytes: 5,
    earlier: [] as Earlier[],
    answers: {} as Record<string, Partial<Finished>>,
  }
  const run = (service = config.services[0]!) =>
    build(
      {
        async run(command) {
          ran.push(command)
          if (state.fails !== null) throw state.fails
          for (const line of state.prints) command.onLine!(line)
          return { ...state.finished, ...state.answers[command.argv[0]!] }
        },
        runtimes: {
          node: async major => `/node${major}`,
          manager: async (name, { version }) => `/${name}@${version}`,
          toolchain: async () => 'node 24',
        },
        network: { HTTPS_PROXY: 'http://proxy' },
        systemPath: '/usr/bin',
        source: () => heldSource(files),
        files: {
          exists: async path => markers.has(path),
          folder: async () => {},
          write: async path => void markers.add(path),
          seal: async (_, list) => void markers.add(list),
          compare: async () => state.compared,
          size: async () => state.cacheBytes,
          packagesDigest: async (archive, folder) => `${archive} ${folder}`,
        },
      },
      {
        config,
        service,
        at,
        log: join(at, 'deploy.log'),
        archive: '/uploads/abc.tgz',
        earlier: state.earlier,
        cache: '/cache',
        confinement: confinement({ home: homeAt('/h'), app: 'shop', user: null, inside: at, cgroup: null }),
        env,
        memoryBytes: state.memoryBytes,
        signal: new AbortController().signal,
        say: line => void said.push(line),
      },
    )
  return { at, run, ran, said, state, markers, config, commands: () => ran.map(one => one.argv.join(' ')) }
}

export const PACKAGES = { 'package.json': DEPENDENT, 'package-lock.json': '', 'a.js': '' }

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Brought, Wish } from '../../apps/connections/ports.ts'
import type { Command, Finished } from '../../apps/releases/runner.ts'
import type { Uploads } from '../../apps/releases/uploads.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { showSize } from '../../kernel/sizes.ts'
import { list } from '../../kernel/words.ts'
import type { Account } from '../../servers/confinement/account.ts'
import { exec, failed, start } from '../host/exec.ts'
import { giveFolder } from '../host/files.ts'
import { files } from '../host/tree.ts'
import { OWN } from './own.ts'
import { ATTRIBUTES } from './repositories.ts'

export interface FetchOptions {
  /** A home, and its folder for what is fetched. */
  home: { root: string; fetches: string }
  uploads: Pick<Uploads, 'save'>
  /** The user who fetches for an app, who is nobody else's; null: there are no users of their own here. */
  account(app: string): Promise<Account | null>
  /** The control group of a program by this name; null: there are none. */
  cgroup(name: string): string | null
  /** How the network is reached. */
  network: Readonly<Record<string, string>>
}

const MINUTE_MS = 60_000
const FETCH_MS = 5 * MINUTE_MS
const MOST_BYTES = 1024 ** 3
const MOST_MEMORY = 1024 ** 3
/** A provider may tell of a commit a moment before it has it at its place. */
const WAITS_MS = [1_000, 3_000, 9_000]

/** The name here of what is fetched. */
const HEAD = 'refs/innkeeper/head'

/** Whatever the repository, its provider or this machine would rather have: nothing else runs, and nothing else is asked. */
const CONFIG: Readonly<Record<string, string>> = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.quotePath': 'false',
  'credential.helper': '',
  'fetch.fsckObjects': 'true',
  'fetch.recurseSubmodules': 'false',
  'gc.auto': '0',
  'http.followRedirects': 'false',
  'log.showSignature': 'false',
  'maintenance.auto': 'false',
  'protocol.version': '2',
}

/**
 * Fetches one commit of a repository elsewhere, and keeps its files as a source archive. git runs as a user who has
 * nothing else and sees one folder, so what a stranger's repository or server makes of it stays there. The token stands
 * in the environment of git alone.
 */
export function fetching(options: FetchOptions) {
  const { fetches } = options.home
  let begun: Promise<void> | null = null
  return async (wish: Wish, signal: AbortSignal): Promise<Brought> => {
    // A keeper that died left what it fetched.
    begun ??= files.remove(fetches).then(() => giveFolder(fetches, null, 0o711))
    await begun
    const scratch = await mkdtemp(join(fetches, 'fetch-'))
    try {
      const git = await gitIn(options, scratch, wish, signal)
      await told(git, 'init', '--quiet', '--bare', `--template=${join(scratch, 'template')}`)
      await fetched(git, wish, signal)
      checkSubmodules(await told(git, 'ls-tree', '-r', '-z', '--format=%(objectmode) %(path)', HEAD))
      const line = (await told(git, 'log', '-1', '--format=%h %s', HEAD)).trim().slice(0, 180)
      const archive = join(scratch, 'source.tgz')
      const digest = await archived(git, archive)
      await options.uploads.save(digest, createReadStream(archive))
      return { upload: digest, line }
    } finally {
      await files.remove(scratch)
    }
  }
}

type Git = (args: readonly string[]) => Command

/** git in a new folder, which belongs to the user who fetches. What git reads besides is root's. */
async function gitIn(
  { home, account, cgroup, network }: FetchOptions,
  scratch: string,
  { app, url, token }: Wish,
  signal: AbortSignal,
): Promise<Git> {
  const user = await account(app)
  const [inside, tmp, template] = ['repository', 'tmp', 'template'].map(name => join(scratch, name))
  await giveFolder(scratch, null, 0o711)
  await mkdir(join(template!, 'info'), { recursive: true, mode: 0o755 })
  await writeFile(join(template!, 'info', 'attributes'), ATTRIBUTES, { mode: 0o644 })
  await giveFolder(inside!, user, 0o700)
  await files.temporary(tmp!, home.root)
  const login = token === null ? null : Buffer.from(`x-access-token:${token.reveal()}`).toString('base64')
  const config = Object.entries({
    ...CONFIG,
    ...(login === null ? {} : { [`http.${url}.extraHeader`]: `Authorization: Basic ${login}` }),
  })
  const numbered = config.flatMap(([key, value], n) => [
    [`GIT_CONFIG_KEY_${n}`, key],
    [`GIT_CONFIG_VALUE_${n}`, value],
  ])
  const env = {
    ...{ ...network, ...OWN, GIT_DIR: inside!, HOME: inside!, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' },
    ...{
      GIT_ALLOW_PROTOCOL: 'https:http',
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_CONFIG_COUNT: String(config.length),
    },
    ...(Object.fromEntries(numbered) as Record<string, string>),
  }
  return args => ({
    argv: ['prlimit', `--fsize=${MOST_BYTES}`, 'git', ...args],
    env,
    cwd: inside!,
    timeoutMs: FETCH_MS,
    signal,
    background: true,
    ...(token === null ? {} : { hidden: { TOKEN: [token.reveal(), login!] } }),
    confinement: {
      ...{ user, home: home.root, shown: [scratch], tmp: tmp!, inside: inside!, gate: null },
      limits: { files: 1_024, processes: 256, memory: MOST_MEMORY },
      cgroup: cgroup(`fetch.${app}`),
    },
  })
}

async function fetched(git: Git, { url, ref, commit }: Wish, signal: AbortSignal): Promise<void> {
  const fetch = git([
    'fetch',
    '--quiet',
    '--depth=1',
    '--no-tags',
    '--no-recurse-submodules',
    url,
    `+${ref}:${HEAD}`,
  ])
  for (const wait of [...WAITS_MS, null]) {
    const done = await exec(fetch)
    if (done.code !== 0) throw notFetched(url, done)
    const found = (await told(git, 'rev-parse', '--verify', HEAD)).trim()
    if (found === commit) return
    if (wait === null) throw moved(ref, commit, found)
    await sleep(wait, undefined, { signal })
  }
}

async function told(git: Git, ...args: string[]): Promise<string> {
  const command = { ...git(args), mostOutput: 64 * 1024 ** 2 }
  const done = await exec(command)
  if (done.code !== 0) throw failed(command, done, 'reading the commit')
  return done.stdout
}

/** Writes the archive of the commit, whose digest this resolves with. A few objects may stand for endless files. */
async function archived(git: Git, path: string): Promise<string> {
  const command = git(['archive', '--format=tar.gz', HEAD])
  const file = await open(path, 'wx', 0o600)
  const hash = createHash('sha256')
  const over = new AbortController()
  let bytes = 0
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      bytes += chunk.length
      if (bytes > MOST_BYTES) over.abort(large())
      hash.update(chunk)
      file.write(chunk).then(() => done(), done)
    },
  })
  const flushed = finished(sink)
  flushed.catch(error => over.abort(error as Error))
  try {
    const signal = AbortSignal.any([command.signal!, over.signal])
    const { finished: ended } = await start({ ...command, signal }, { stdout: sink })
    const done = await ended
    sink.end()
    await flushed
    if (done.code !== 0) throw failed(command, done, 'packing the commit')
    return hash.digest('hex')
  } finally {
    await file.close()
  }
}

/** A commit has of a submodule its address alone, and whoever wrote the commit chose that. */
function checkSubmodules(listing: string): void {
  const found = listing.split('\0').flatMap(line => /^160000 (.+)$/s.exec(line)?.[1] ?? [])
  if (found.length === 0) return
  throw new Failure('source.submodule', `submodules are not fetched: ${list(found.slice(0, 5))}`, {
    why: 'their files are of other repositories, and whoever wrote the commit chose which',
    fix: '`inn preview up` in a checkout that has them, or add their files to this repository',
    facts: { submodules: found },
  })
}

const notFetched = (url: string, { tail, signal }: Finished): Failure =>
  new Failure('connection.fetch', `${url} cannot be fetched`, {
    why: telling(tail) || `git ended by ${signal}`,
    fix: 'does the token read this repository, and has it not expired? `inn preview disconnect APP`, then connect it anew with another one',
  })

const moved = (ref: string, commit: string, found: string): Failure =>
  new Failure('connection.moved', `${commit.slice(0, 7)} is not the head of its pull request any more`, {
    why: `${ref} is at ${found.slice(0, 7)}`,
    fix: 'the event of the newer commit deploys that; send it again at the provider if it got lost',
  })

const large = (): Failure =>
  new Failure('connection.large', 'the files of the commit are too large', {
    why: `their archive has more than ${showSize(MOST_BYTES)}`,
    fix: 'take out of the repository what the app does not need',
  })

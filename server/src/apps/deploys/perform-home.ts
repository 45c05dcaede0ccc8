import { join } from 'node:path'
import type { StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { programName } from '../app/names.ts'
import { builtIn, type Release } from '../releases/release.ts'
import { PERSIST } from './persist.ts'
import type { Accounts, Programs, Records, Trees } from './ports.ts'

/** The folders of an app. The app's user and the edge enter the folders that they need; other apps enter none. May run at any time. */
export async function makeHome(
  ports: Pick<Records, 'home'> & Pick<Accounts, 'account'> & { files: Pick<Trees, 'give' | 'temporary'> },
  app: string,
): Promise<void> {
  const account = await ports.account(app)
  const at = ports.home.app(app)
  const group = account === null ? null : { ...account, uid: 0 }
  await ports.files.give(at.root, group, account === null ? 0o711 : 0o710)
  for (const open of [at.releases, at.settings]) await ports.files.give(open, null, 0o711)
  for (const own of [at.logs, at.closed]) await ports.files.give(own, null, 0o700)
  await ports.files.give(at.shared, account, 0o750)
  await ports.files.give(at.cache, account, 0o700)
  await ports.files.temporary(at.tmp, ports.home.root)
}

export type LinkPorts = Pick<Records, 'home'> & Pick<Programs, 'runtimes' | 'run' | 'confined'>

/**
 * Persistent folders are links into the app's shared folder. Files that the source brings, or a build
 * made, are copied there once, when the shared folder has none of that name. May run again at any time. This runs as the app's user, because both sides may contain links of the app.
 */
export async function linkPersistent(
  ports: LinkPorts,
  release: Release,
  context: StepContext,
): Promise<void> {
  const { app, config } = release
  // The release whose files serve again has the same links: they are part of what has to be equal.
  if (builtIn(release) !== release.id) return
  const { shared } = ports.home.app(app)
  const { tree } = ports.home.app(app).release(release.id)
  const folders = config.services.flatMap(({ root, persist }) =>
    persist.map(folder => ({ target: join(shared, root, folder), path: join(tree, root, folder) })),
  )
  if (folders.length === 0) return
  const node = join(await ports.runtimes.node(PERSIST.node), 'node')
  const done = await ports.run({
    argv: [node, '--input-type=commonjs', '-e', PERSIST.program],
    input: JSON.stringify(folders),
    env: {},
    confinement: await ports.confined(app, { inside: tree, name: programName(app, 'persist') }),
    timeoutMs: 600_000,
    signal: context.signal,
  })
  if (done.code === 0) return
  throw new Failure('release.persist', `the persistent folders of ${app} could not be linked`, {
    why: telling(done.tail),
    fix: `correct persist: in innkeeper.yaml, or what stands in ${shared}`,
  })
}

/** Removes what was not touched for ten days from an app's own /tmp, as systemd does in the machine's /tmp. */
export async function tidyTemporary(
  ports: Pick<Records, 'home'> & Pick<Programs, 'run' | 'confined'> & Pick<Accounts, 'account'>,
  app: string,
  signal: AbortSignal,
): Promise<void> {
  // When apps have no users of their own, they share the machine's /tmp, which is not ours to tidy.
  if ((await ports.account(app)) === null) return
  const inside = ports.home.app(app).cache
  await ports.run({
    argv: ['find', '/tmp', '-xdev', '-mindepth', '1', '-mtime', '+10', '-atime', '+10', '-delete'],
    cwd: inside,
    confinement: await ports.confined(app, { inside, name: programName(app, 'tidy') }),
    timeoutMs: 120_000,
    signal,
  })
}

import { Failure } from '../../kernel/failure.ts'
import type { Machine } from '../setup/machine.ts'
import { keptIn, PATHS } from '../setup/texts.ts'
import type { Facts, Installed, Tarball } from './facts.ts'
import type { UpgradePorts } from './ports.ts'
import { folderIn, packagesIn, versionIn } from './reading.ts'

/** Written into the folder of a release that was unpacked: the sum of its archive. */
export const STAMP = '.unpacked-from'

/** The Innkeeper whose keeper is the service of this home. */
export async function presentFolder({
  machine,
  home,
}: Pick<UpgradePorts, 'machine' | 'home'>): Promise<string> {
  const folder = folderIn((await machine.read(`${home}/sv/keeper/run`)) ?? '')
  if (folder !== null) return folder
  throw new Failure('upgrade.nothing', 'there is no keeper to upgrade', {
    why: `${home} has no service of a keeper`,
    fix: '`inn up`, or set INNKEEPER_HOME to the home that is meant',
  })
}

/** Looks at what is there and at what is to come; changes nothing. `source`: a folder or an archive. */
export async function observe(ports: UpgradePorts, source: string): Promise<Facts> {
  const { machine, home, store, ask } = ports
  const folder = await presentFolder(ports)
  const from = { folder, version: versionIn(await machine.read(`${folder}/package.json`), folder) }
  const isFolder = (await machine.exec(['test', '-d', source])).code === 0
  const { to, tarball, launcher } = isFolder
    ? await lying(machine, source)
    : await packed(machine, source, from)
  // A keeper that does not answer cannot say which apps there should be.
  await ask()
  const [link] = await machine.all([['readlink', PATHS.link]])
  const paths = [PATHS.cron, keptIn({ home }).record]
  return {
    ...{ home, from, to, tarball },
    there: tarball === null || (await unpacked(machine, to.folder, tarball)),
    missing: await missing(machine, launcher),
    busy: store.busy(`${home}/keeper.db`),
    link: link?.trim() ?? null,
    files: Object.fromEntries(await Promise.all(paths.map(async path => [path, await machine.read(path)]))),
  }
}

interface Found {
  to: Installed
  tarball: Tarball | null
  /** Text of its command `inn`. */
  launcher: string
}

async function lying(machine: Machine, source: string): Promise<Found> {
  const { out } = await machine.exec(['realpath', '--', source])
  const folder = out.trimEnd()
  const version = versionIn(await machine.read(`${folder}/package.json`), folder)
  return { to: { folder, version }, tarball: null, launcher: (await machine.read(`${folder}/inn`)) ?? '' }
}

async function packed(machine: Machine, path: string, from: Installed): Promise<Found> {
  const tarball = { path, sha256: await checked(machine, path) }
  const inside = async (name: string) => {
    const { code, out } = await machine.exec(['tar', '-xzOf', path, `package/${name}`])
    return code === 0 ? out : null
  }
  const version = versionIn(await inside('package.json'), path)
  const folder = `${from.folder.slice(0, from.folder.lastIndexOf('/'))}/innkeeper-${version}`
  return { to: { folder, version }, tarball, launcher: (await inside('inn')) ?? '' }
}

/** The sum of an archive that fits what stands beside it. Failure `upgrade.checksum`. */
async function checked(machine: Machine, path: string): Promise<string> {
  const [wanted = ''] = ((await machine.read(`${path}.sha256`)) ?? '').split(' ')
  const { code, out } = await machine.exec(['sha256sum', '--', path])
  const sum = /^\\?([0-9a-f]{64}) /.exec(out)?.[1] ?? ''
  if (code === 0 && sum === wanted) return sum
  throw new Failure('upgrade.checksum', `${path} is not what was packed`, {
    why:
      code !== 0
        ? 'it cannot be read'
        : wanted === ''
          ? `${path}.sha256 is not there, which says what it should be`
          : `${path}.sha256 says ${wanted}, and it has ${sum}`,
    fix: 'bring the archive and its `.sha256` here again, both from the same place',
  })
}

/** Whether the folder of an archive is there already. Failure `upgrade.occupied`: something else is. */
async function unpacked(machine: Machine, folder: string, { sha256 }: Tarball): Promise<boolean> {
  if ((await machine.exec(['test', '-e', folder])).code !== 0) return false
  if ((await machine.read(`${folder}/${STAMP}`)) === sha256) return true
  throw new Failure('upgrade.occupied', `${folder} is there already`, {
    why: 'the archive would be unpacked there, and what lies there does not come from it',
    fix: 'move it away, or name it instead of the archive: `--from FOLDER`',
  })
}

async function missing(machine: Machine, launcher: string): Promise<string[]> {
  const wanted = packagesIn(launcher)
  const seen = await machine.all(wanted.map(({ path }) => ['test', '-e', path]))
  return wanted.filter((_, n) => seen[n] === null).map(({ name }) => name)
}

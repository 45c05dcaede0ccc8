import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execOk } from '../../server/src/drivers/host/exec.ts'

const PROJECT = join(import.meta.dirname, '../..')

export interface PackedSdk {
  /** The tarball as npm would publish it. */
  bytes: Buffer
  version: string
  integrity: string
}

/** Builds and packs `sdk/` in a folder of its own. */
export async function packSdk(): Promise<PackedSdk> {
  const folder = await mkdtemp(join(tmpdir(), 'inn-sdk-'))
  try {
    const out = join(folder, 'sdk')
    await mkdir(out)
    const node = (...args: string[]) =>
      execOk(
        { argv: [process.execPath, ...args], cwd: out, env: { HOME: folder }, timeoutMs: 120_000 },
        args[0]!,
      )
    for (const name of ['package.json', 'README.md', 'LICENSE'])
      await cp(join(PROJECT, 'sdk', name), join(out, name))
    await node(
      join(PROJECT, 'node_modules/typescript/bin/tsc'),
      '-p',
      join(PROJECT, 'sdk'),
      '--outDir',
      join(out, 'dist'),
    )
    await node(join(PROJECT, 'node_modules/npm/bin/npm-cli.js'), 'pack', '--pack-destination', folder)
    const file = (await readdir(folder)).find(name => name.endsWith('.tgz'))!
    const bytes = await readFile(join(folder, file))
    const { version } = JSON.parse(await readFile(join(out, 'package.json'), 'utf8')) as { version: string }
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
    return { bytes, version, integrity }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** package.json and lockfile of an app that has the packed SDK beside it, and needs no registry. */
export function withSdk(name: string, { version, integrity }: PackedSdk): Record<string, string> {
  const spec = 'file:vendor/innkeeper-sdk.tgz'
  const dependencies = { '@innkeeper/sdk': spec }
  const own = { name, private: true, type: 'module', dependencies }
  const sdk = { version, resolved: spec, integrity, license: 'MIT', engines: { node: '>=20' } }
  const packages = { '': { name, dependencies }, 'node_modules/@innkeeper/sdk': sdk }
  return {
    'package.json': JSON.stringify(own),
    'package-lock.json': JSON.stringify({ name, lockfileVersion: 3, requires: true, packages }),
  }
}

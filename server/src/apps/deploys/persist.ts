/** Runs as the app's user, in its confinement; standard input has the folders. The copy never replaces a file that is there. */
const program = `
const { cpSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } = require('node:fs')
const { dirname } = require('node:path')
for (const { target, path } of JSON.parse(readFileSync(0, 'utf8'))) {
  mkdirSync(target, { recursive: true, mode: 0o750 })
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there !== undefined && there.isDirectory())
    cpSync(path, target, { recursive: true, force: false, verbatimSymlinks: true })
  rmSync(path, { recursive: true, force: true })
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path)
}
`

export const PERSIST = { program, node: Number(process.versions.node.split('.')[0]) } as const

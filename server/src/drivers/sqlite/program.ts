/**
 * Runs as the app's user, in its confinement and in the folder of its files. `list` prints the SQLite databases below it
 * as JSON, known by their first bytes. `copy PATH` prints one as SQLite's own backup makes it, while others write to it;
 * exit code 65 says that SQLite takes it for no sound database.
 */
const program = `
const fs = require('node:fs')
const { DatabaseSync, backup } = require('node:sqlite')
const HEAD = Buffer.from('SQLite format 3\\0')
const FLAGS = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK
function* walk(folder) {
  let entries = []
  try {
    entries = fs.readdirSync(folder || '.', { withFileTypes: true })
  } catch {}
  for (const entry of entries) {
    const path = folder ? folder + '/' + entry.name : entry.name
    if (entry.isDirectory()) yield* walk(path)
    else if (entry.isFile()) yield path
  }
}
function modeOf(path) {
  let file
  try {
    file = fs.openSync(path, FLAGS)
    const start = Buffer.alloc(HEAD.length)
    fs.readSync(file, start, 0, HEAD.length, 0)
    return start.equals(HEAD) ? fs.fstatSync(file).mode & 0o777 : null
  } catch {
    return null
  } finally {
    if (file !== undefined) fs.closeSync(file)
  }
}
function list() {
  const found = []
  for (const path of walk('')) {
    const mode = modeOf(path)
    if (mode !== null) found.push({ path, mode })
  }
  process.stdout.write(JSON.stringify(found))
}
function open(path) {
  try {
    const db = new DatabaseSync(path, { readOnly: true, timeout: 30000 })
    db.prepare('select count(*) from sqlite_schema').get()
    return db
  } catch (error) {
    if (isUnsound(error)) throw error
    // A database in WAL mode that nobody has open cannot always be read without writing its shared memory.
    return new DatabaseSync(path, { timeout: 30000 })
  }
}
// SQLITE_CORRUPT and SQLITE_NOTADB.
const isUnsound = error => [11, 26].includes((error.errcode ?? 0) & 0xff)
async function copy(path) {
  const scratch = fs.mkdtempSync('/tmp/sqlite-')
  try {
    // All pages in one step: a copy in several begins anew whenever somebody has written in between.
    await backup(open(path), scratch + '/copy', { rate: 2147483647 })
    await require('node:stream/promises').pipeline(fs.createReadStream(scratch + '/copy'), process.stdout)
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true })
  }
}
const [what, path] = process.argv.slice(1)
if (what === 'list') list()
else
  copy(path).catch(error => {
    console.error(error.message)
    process.exitCode = isUnsound(error) ? 65 : 1
  })
`

export const SQLITE = { program, node: Number(process.versions.node.split('.')[0]), unsound: 65 } as const

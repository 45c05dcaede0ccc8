import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { applyMigrations, MigrateError } from './migrate/apply'
import { prismaWithEngine } from './migrate/engine'

/** `prisma migrate deploy`, by Prisma's own program where it can run, and by ours where it cannot. */
async function main(url: string | undefined, app: string): Promise<number> {
  if (!url) throw new Error('Set DATABASE_URL to an address whose user may change tables.')
  const prisma = prismaWithEngine(app)
  if (prisma)
    return spawnSync(process.execPath, [prisma, 'migrate', 'deploy'], { cwd: app, stdio: 'inherit' }).status ?? 1
  const applied = await applyMigrations(url, join(app, 'prisma', 'migrations'))
  for (const name of applied) console.log(`applied ${name}`)
  console.log(applied.length === 0 ? 'No pending migrations to apply.' : 'All migrations have been successfully applied.')
  return 0
}

main(process.env.DATABASE_URL, process.cwd()).then(
  status => (process.exitCode = status),
  error => {
    console.error(error instanceof MigrateError ? `Error: ${error.code}\n\n${error.message}` : error)
    process.exitCode = 1
  },
)

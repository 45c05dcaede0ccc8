import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * The program of the `prisma` package, when it has the native schema engine that `migrate deploy` needs. Without, it
 * would try to download one, and a server that may not reach the download host would not be migrated.
 */
export function prismaWithEngine(app: string): string | null {
  try {
    const prisma = createRequire(join(app, 'package.json')).resolve('prisma/package.json')
    const engines = dirname(createRequire(prisma).resolve('@prisma/engines/package.json'))
    const given = process.env.PRISMA_SCHEMA_ENGINE_BINARY
    const there = given ? existsSync(given) : readdirSync(engines).some(isSchemaEngine)
    return there ? join(dirname(prisma), 'build', 'index.js') : null
  } catch {
    // The package is not installed: development dependencies were left out.
    return null
  }
}

const isSchemaEngine = (file: string) => file.startsWith('schema-engine-') && !/\.(gz|tmp|sha256)$/.test(file)
